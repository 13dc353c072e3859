using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Review;

/// <summary>Quarantined rows as CSV that a spreadsheet opens without calculating: a cell that would begin a formula gets an apostrophe.</summary>
internal sealed class QuarantineCsv(TextWriter to)
{
    public void Header() => to.Write("key,line,issue,fingerprint,reason,message\r\n");

    public void Row(params ReadOnlySpan<string?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                to.Write(',');
            to.Write(Cell(cells[i] ?? ""));
        }

        to.Write("\r\n");
    }

    /// <summary>Every quarantined row of a run with its issue, but for those that a rerun took over.</summary>
    public static Task WriteAsync(IStore store, Run run, TextWriter to, CancellationToken cancellationToken = default) =>
        // Only the store that people act on knows issues by their number.
        WriteAsync(store.EvidenceAsync(run.Id, cancellationToken), run, (store as SqliteStore)?.Issues(run.Job) ?? [], to, cancellationToken);

    /// <param name="issues">One that has no number yet goes by its fingerprint.</param>
    public static async Task WriteAsync(IAsyncEnumerable<EvidenceRow> rows, Run run, IReadOnlyList<Issue> issues, TextWriter to, CancellationToken cancellationToken = default)
    {
        var job = JobSnapshot.FromJson(run.Snapshot);
        var grouper = new IssueGrouper(job);
        var names = issues.ToDictionary(issue => issue.Fingerprint, issue => issue.Id, StringComparer.Ordinal);
        var csv = new QuarantineCsv(to);
        csv.Header();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (row.State != RowState.Quarantined || row.IsTakenOver)
                continue;
            var fingerprint = grouper.FingerprintOf(row);
            csv.Row(job.Source.Key.Sensitive ? null : row.Key, row.Line, names.GetValueOrDefault(fingerprint, fingerprint), fingerprint, row.Reason, row.Message);
        }
    }

    internal static string Cell(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
