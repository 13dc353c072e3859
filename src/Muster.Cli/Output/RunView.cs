using System.Globalization;
using Muster.Batches;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>The live picture of a run as lines that fit a terminal. Pure: report, size and time come in.</summary>
internal static class RunView
{
    private const int FixedLines = 12;
    private const int WideEnough = 100;

    public static IReadOnlyList<string> Lines(RunReport report, string? note, int width, int height, DateTimeOffset now)
    {
        var lines = new List<string> { Head(report.Run, now) };
        var bar = Math.Clamp(width - (width < WideEnough ? 64 : 84), 8, 60);
        var ledger = report.Ledger;
        var rows = Math.Max(1, ledger.Rows);
        lines.Add($"  sent      {Bar(ledger.Rows - ledger.Pending, rows, bar)} {Figures.Count(ledger.Rows - ledger.Pending)} of {Figures.Count(ledger.Rows, "row")}, {Figures.Count(report.Sent.Count(), "batch")}");
        lines.Add($"  closed    {Bar(report.ClosedRows, rows, bar)} {Figures.Count(report.ClosedRows)} in {Figures.Count(report.SettledBatches, "batch")}{Eta(report, width, now)}");
        lines.Add($"  accepted  {Bar(ledger.Succeeded, rows, bar)} {Figures.Count(ledger.Succeeded)}   set aside {Figures.Count(ledger.Quarantined)}   to a person {Figures.Count(ledger.HumanQueued)}");
        lines.AddRange(Batches(report, Math.Max(3, height - FixedLines), now));
        lines.Add(Money(report, now));
        lines.AddRange(Accounted(ledger, width));
        if (note is not null)
            lines.Add($"  {Figures.Clean(note)}");
        return lines.Select(line => Figures.Fit(line, width)).ToList();
    }

    private static string Head(Run run, DateTimeOffset now) =>
        $"  {run.Name} {run.Job}@{run.JobVersion}  {Figures.Words(run.State)}  {Figures.Span((run.EndedAt ?? now) - run.OpenedAt)}"
        + (run.Why is { } why ? $"  {Figures.Clean(why)}" : "");

    private static string Bar(long part, long whole, int width)
    {
        var filled = (int)(part * width / whole);
        return new string('█', filled) + new string('░', width - filled);
    }

    private static string Eta(RunReport report, int width, DateTimeOffset now)
    {
        if (report.Turnaround is not { } past || past.Eta(report.Batches) is not { } eta)
            return "";
        return eta < now
            ? $"   overdue by past turnaround"
            : $"   ETA {eta.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)}Z ± {Figures.Span(past.Spread)}{(width < WideEnough ? "" : " (past turnaround)")}";
    }

    private static IEnumerable<string> Batches(RunReport report, int most, DateTimeOffset now)
    {
        if (report.Batches.Count == 0)
            return [];
        var shown = report.Batches.OrderBy(batch => BatchStates.IsOver(batch.State)).ThenByDescending(batch => batch.Id)
            .Take(most).OrderBy(batch => batch.Id).ToList();
        var table = new Columns("llrrrrrl").Add("batch", "state", "tier", "rows", "age", "ok", "other", "");
        foreach (var batch in shown)
        {
            var counts = batch.Remote is { Status: RemoteStatus.Ended } remote ? remote.Counts : null;
            table.Add(batch.Name, State(batch), $"{batch.Tier + 1}", Figures.Count(batch.Requests), Figures.Span(BatchTimes.Age(batch, now)),
                counts is null ? "–" : Figures.Count(counts.Succeeded), counts is null ? "–" : Figures.Count(counts.Total - counts.Succeeded),
                BatchTimes.ToWall(batch, now) is { } wall ? $"expires in {Figures.Span(wall)}" : "");
        }

        var lines = table.Lines().ToList();
        if (shown.Count < report.Batches.Count)
            lines.Add($"  and {report.Batches.Count - shown.Count} more: muster status --batches");
        return lines;
    }

    private static string State(Batch batch) => batch switch
    {
        { State: BatchState.Created, Remote.Status: RemoteStatus.Canceling } => "canceling",
        { State: BatchState.Created } => "in progress",
        { State: BatchState.Unknown } => "reply lost",
        _ => Figures.Words(batch.State),
    };

    private static string Money(RunReport report, DateTimeOffset now)
    {
        var spend = report.Spend;
        var cache = spend.CacheReadShare is > 0 and { } share ? $"   cache reads {share:P0}" : "";
        var rate = report.RowsPerMinute(now) is { } speed ? $"   {Figures.Count((long)speed)} rows/min" : "";
        var unknown = spend.Unpriced > 0 ? " + unknown" : "";
        return $"  spent {Usd.Text(spend.CostPicoUsd)}{unknown} (sync would be {Usd.Text(spend.SyncPicoUsd)}){cache}{rate}";
    }

    private static IEnumerable<string> Accounted(Ledger ledger, int width)
    {
        var whole = $"  accounted: {Figures.Ledger(ledger)}";
        if (whole.Length <= width)
            return [whole];
        (long Rows, string Name)[] terms =
        [
            (ledger.Succeeded, "succeeded"), (ledger.Errored, "errored"), (ledger.Expired, "expired"), (ledger.Canceled, "canceled"),
            (ledger.Quarantined, "quarantined"), (ledger.HumanQueued, "human-queued"), (ledger.Open, "open"),
        ];
        var lines = new List<string>();
        var line = $"  accounted: {Figures.Count(ledger.Rows)}{(ledger.Rows > 0 ? " =" : " rows")}";
        var first = true;
        foreach (var (rows, name) in terms.Where(term => term.Rows > 0))
        {
            var term = $"{(first ? "" : " +")} {Figures.Count(rows)} {name}";
            first = false;
            if (line.Length + term.Length > width)
            {
                lines.Add(line);
                line = "            ";
            }

            line += term;
        }

        lines.Add(line);
        return lines;
    }
}
