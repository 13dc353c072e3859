using Muster.Batches;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Evals;

/// <summary>
/// Says which gold rows ride in the next batch of a run: those that wait first, then, in a batch of rows that are asked for the first
/// time, further cases in turn.
/// </summary>
internal sealed class GoldPacker(RunContext context)
{
    /// <summary>A batch of a few rows is not made of gold.</summary>
    private const int ShareOfBatch = 2;

    private EvalSet? set;

    /// <param name="firstAsks">Rows of the tier that were never asked.</param>
    /// <param name="others">Rows of the tier in all.</param>
    /// <param name="limit">Requests that the batch may have.</param>
    public async Task<IReadOnlyList<GoldRider>> RidersAsync(int tier, long firstAsks, long others, int limit, CancellationToken cancellationToken)
    {
        if (!context.Run.CarriesGold)
            return [];
        var room = others == 0 ? limit : Math.Min(Jobs.JobBounds.MaxGoldRows, limit / ShareOfBatch);
        var riders = new List<GoldRider>();
        await foreach (var row in context.Store.ReadPendingAsync(GoldRun.IdOf(context.Run.Id), tier, LaneRows.All, room, cancellationToken))
            riders.Add(new GoldRider(row, "", IsNew: false));
        if (tier == 0 && firstAsks > 0 && await SetAsync(cancellationToken) is { Cases.Count: > 0 } cases)
            await AddAsync(riders, cases, Math.Min(room, Wanted(cases, Math.Min(firstAsks, limit))), cancellationToken);
        return riders;
    }

    private int Wanted(EvalSet cases, long rows) =>
        context.Job.Evals?.GoldRows is { } given ? Math.Min(given, cases.Cases.Count) : GoldRows.Count(cases, rows);

    private async Task AddAsync(List<GoldRider> riders, EvalSet cases, int wanted, CancellationToken cancellationToken)
    {
        var waiting = riders.Where(rider => rider.Row.Attempt == 1).Select(rider => GoldRun.CaseOf(rider.Row.Key)).ToHashSet(StringComparer.Ordinal);
        // A batch that was withdrawn keeps its number, so no asking has a number twice.
        var asking = (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).Count;
        var next = await context.Store.NextRowIdAsync(cancellationToken);
        foreach (var one in GoldRows.Take(cases, wanted, asking).Where(one => !waiting.Contains(one.Key)).Take(wanted - waiting.Count))
        {
            if (await InputAsync(one, cancellationToken) is not { } input)
                continue;
            riders.Add(new GoldRider(
                new AskRow(next++, GoldRun.KeyOf(one.Key, asking), 1, VariantKind.Same, null, input, null), $"{cases} {one.Key}", IsNew: true));
        }
    }

    /// <summary>The run's set without cases that it cannot ask: the source has no such row, or another one than the one expected.</summary>
    private async Task<EvalSet?> SetAsync(CancellationToken cancellationToken)
    {
        if (set is not null || await context.Store.EvalSetAsync(context.Run.Id, cancellationToken) is not { } stored || stored.Read() is not { } whole)
            return set;
        var askable = new List<EvalCase>();
        foreach (var one in whole.Cases)
        {
            if (await InputAsync(one, cancellationToken) is not null)
                askable.Add(one);
        }

        return set = whole with { Cases = askable };
    }

    private async Task<ReadOnlyMemory<byte>?> InputAsync(EvalCase one, CancellationToken cancellationToken)
    {
        if (one.Input is not null)
            return CaseInput.Of(one.Input, context.Run.Columns);
        var row = await context.Store.AnswerAsync(context.Run.Id, one.Key, cancellationToken);
        return row is { Input.IsEmpty: false } && (one.InputHash is null || one.InputHash == row.InputHash) ? row.Input : null;
    }
}
