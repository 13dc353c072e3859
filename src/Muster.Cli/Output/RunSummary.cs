using Muster.Batches;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>A run in words: the end of <c>muster run</c> and the body of <c>muster status</c>. Nothing is left out because it is zero.</summary>
internal static class RunSummary
{
    private const int MaxReasons = 10;

    public static IEnumerable<string> Lines(RunReport report, int width)
    {
        var run = report.Run;
        yield return Head(run);
        if (run.Why is { } why)
            yield return $"  {Figures.Clean(why)}";
        yield return $"  {Figures.Ledger(report.Ledger)}";
        if (report.Gold is { } gold)
            yield return $"  gold: {Figures.Ledger(gold)}";
        if (!report.Ledger.Balances || report.Gold is { Balances: false })
            yield return "  THE LEDGER DOES NOT BALANCE";
        if (run.Unpiloted)
            yield return Unpiloted;
        if (run.Merged > 0)
            yield return $"  {Figures.Count(run.Records)} records, of which {Figures.Count(run.Merged)} equal an earlier one and are asked with it";
        yield return Batches(report);
        if (report.Lane is { } lane)
            yield return $"  {lane}";
        foreach (var line in UsageTable.Lines(report.Usage, width))
            yield return line;
        foreach (var line in Reasons(report, width))
            yield return line;
        if (report.Ledger.HumanQueued > 0)
            yield return $"  {Figures.Count(report.Ledger.HumanQueued, "row")} wait{(report.Ledger.HumanQueued == 1 ? "s" : "")} for a person: muster review {run.Name}";
    }

    /// <summary>What every surface says of a full run that no pilot went before.</summary>
    public const string Unpiloted = "  unpiloted: no pilot of this version was locked when the run opened";

    private static string Head(Run run)
    {
        var time = run.EndedAt is { } ended ? $" in {Figures.Span(ended - run.OpenedAt)}" : $", opened {Figures.Clock(run.OpenedAt)}";
        return $"{run.Name} {run.Job}@{run.JobVersion} {(run.IsFull() ? "" : $"{run.Kind} ")}{Figures.Words(run.State)}{time}";
    }

    private static string Batches(RunReport report)
    {
        var states = report.Batches.GroupBy(batch => batch.State).OrderBy(group => group.Key)
            .Select(group => $"{group.Count()} {Figures.Words(group.Key)}");
        var adopted = report.Batches.Count(batch => batch.Proof is Proof.Count or Proof.Tag);
        return report.Batches.Count == 0
            ? "  no batches"
            : $"  {Figures.Count(report.Batches.Count, "batch")}: {string.Join(", ", states)}{(adopted > 0 ? $"; {adopted} found again after a lost reply" : "")}";
    }

    private static IEnumerable<string> Reasons(RunReport report, int width)
    {
        if (report.Reasons.Count == 0)
            yield break;
        var table = new Columns("rll").Add("rows", "state", "reason");
        foreach (var reason in report.Reasons.Take(MaxReasons))
            table.Add(Figures.Count(reason.Rows), Figures.Words(reason.State), Figures.Clean(reason.Reason));
        foreach (var line in table.Lines(width))
            yield return line;
        if (report.Reasons.Count > MaxReasons)
            yield return $"  and {report.Reasons.Count - MaxReasons} further reasons";
    }
}
