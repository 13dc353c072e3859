using System.Runtime.CompilerServices;
using Muster.Sources;

namespace Muster.Evals;

/// <summary>
/// Yields one row for each case: with the case's own input where it has one, else the source's first row of its key. A row of another
/// content than the one that the case is about is passed over: what is expected is not expected of it.
/// </summary>
internal sealed class EvalSource(ISource inner, EvalSet set) : ISource
{
    public IReadOnlyList<string> Columns => inner.Columns;

    public async IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long yielded = 0;
        await foreach (var row in AllAsync(cancellationToken))
        {
            if (yielded++ >= skip)
                yield return row;
        }

        if (yielded == 0)
        {
            throw new SourceException($"The source has the row of none of the {Amount.Of(set.Cases.Count, "case")} of {set}, or each of them changed since.",
                "Give the cases an `input` of their own, or lock a pilot over this source (`muster pilot`, then `muster pilot --lock`).");
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<SourceRow> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var one in set.Cases.Where(one => one.Input is not null))
            yield return new SourceRow($"{set} {one.Key}", one.Key, CaseInput.Of(one.Input!, inner.Columns));
        var wanted = set.Cases.Where(one => one.Input is null).ToDictionary(one => one.Key, StringComparer.Ordinal);
        if (wanted.Count == 0)
            yield break;
        await foreach (var row in inner.ReadAsync(0, cancellationToken))
        {
            if (row.Fault is not null || !wanted.Remove(row.Key!, out var one))
                continue;
            if (one.InputHash is null || one.InputHash == Convert.ToHexStringLower(SourceRow.SourceHash(row.Input.Span)))
                yield return row;
            if (wanted.Count == 0)
                yield break;
        }
    }
}
