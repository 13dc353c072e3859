using Muster.Evals;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Sources;

/// <summary>Reads the source into the store, whole, before anything is sent: a file that breaks half-way has cost nothing.</summary>
internal sealed class SourceRecorder(RunContext context)
{
    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        if (context.Run.State != RunState.Reading)
            return;
        var recorded = context.Run.Records;
        var repeated = context.Job.Source.Key.FromContent ? RepeatedKey.Merge : RepeatedKey.SetAside;
        await using var source = await OpenAsync(cancellationToken);
        var chunk = new List<SourceRow>(StoreDefaults.RowsPerTransaction);
        await foreach (var row in source.ReadAsync(recorded, cancellationToken))
        {
            chunk.Add(row);
            if (chunk.Count == StoreDefaults.RowsPerTransaction)
                await FlushAsync();
        }

        await FlushAsync();
        if (recorded == 0)
            throw new SourceException($"{string.Join(", ", context.Job.Source.Paths)} has no rows.", "Check that it is the right file.");
        var opened = System.Text.Json.JsonSerializer.Deserialize<SourceFingerprint>(context.Run.Fingerprint)!;
        if ((await SourceFingerprint.ComputeAsync(context.Job.Source, cancellationToken)).ChangeSince(opened) is { } change)
        {
            throw new SourceException($"The source changed while {context.Run.Name} was reading it: {change}.",
                "Nothing was sent. Run `muster cancel`, and `muster run` when nothing writes to it.");
        }

        await context.Store.MoveRunAsync(context.Run.Id, RunState.Running, null, context.Now, cancellationToken);

        async Task FlushAsync()
        {
            await context.Store.RecordRowsAsync(context.Run.Id, recorded, chunk, repeated, cancellationToken);
            recorded += chunk.Count;
            chunk.Clear();
            context.Tell(RunEventKind.RowsRead, $"{recorded} source records read");
        }
    }

    private async Task<ISource> OpenAsync(CancellationToken cancellationToken)
    {
        var source = await Source.OpenAsync(context.Job.Source, cancellationToken);
        if (context.Run.Kind == RunKinds.Eval)
            return new EvalSource(source, (await context.Store.EvalSetAsync(context.Run.Id, cancellationToken))!.Read()!);
        var pick = context.Run.IsFull() ? null : await context.Store.PickAsync(context.Run.Id, cancellationToken);
        return pick is null ? source : new PickedSource(source, [.. pick.Rows.Select(row => row.Record)]);
    }
}
