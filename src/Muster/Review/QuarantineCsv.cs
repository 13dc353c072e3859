using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Review;

/// <summary>Quarantined rows as CSV that a spreadsheet opens without calculating: a cell that would begin a formula gets an apostrophe.</summary>
internal sealed class QuarantineCsv(TextWriter to)
{
    public void Header() => to.Write("key,line,issue,reason,message\r\n");

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
    public static async Task WriteAsync(IStore store, Run run, TextWriter to, CancellationToken cancellationToken = default)
    {
        var job = JobSnapshot.FromJson(run.Snapshot);
        var issues = new IssueGrouper(job);
        var csv = new QuarantineCsv(to);
        csv.Header();
        await foreach (var row in store.EvidenceAsync(run.Id, cancellationToken))
        {
            if (row.State == RowState.Quarantined && !row.IsTakenOver)
                csv.Row(job.Source.Key.Sensitive ? null : row.Key, row.Line, issues.FingerprintOf(row), row.Reason, row.Message);
        }
    }

    internal static string Cell(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
