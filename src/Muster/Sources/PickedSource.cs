using System.Runtime.CompilerServices;

namespace Muster.Sources;

/// <summary>Yields exactly the records that were picked, in source order; what is skipped counts among these.</summary>
/// <param name="records">Ascending, from 0.</param>
internal sealed class PickedSource(ISource inner, IReadOnlyList<long> records) : ISource
{
    public IReadOnlyList<string> Columns => inner.Columns;

    public async IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var next = (int)Math.Min(skip, records.Count);
        if (next == records.Count)
            yield break;
        var record = records[next];
        await foreach (var row in inner.ReadAsync(record, cancellationToken))
        {
            if (record++ != records[next])
                continue;
            yield return row;
            if (++next == records.Count)
                yield break;
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
