using Muster.Drift;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;

namespace Muster.Cli.Output;

/// <summary>Drift as lines and as JSON.</summary>
internal static class DriftText
{
    private const int CellChars = 34;

    public static IEnumerable<string> Lines(DriftAccount account, string? job, int width)
    {
        yield return account.Against is { } against ? $"{Of(account.Family)} against {Of(against)}" : $"{Of(account.Family)}, compared with nothing: {Figures.Clean(account.WhyAlone!)}";
        var table = new Columns("llllrrr").Add("check", "field", "slice", "status", "now", "before", "q");
        foreach (var finding in account.Report.Findings)
        {
            table.Add($"{finding.Check} {finding.Title}", Figures.Clean(finding.Field), Figures.Fit(Figures.Clean(finding.Slice.Length == 0 ? "all rows" : finding.Slice), CellChars), Status(finding.Severity),
                Figures.Fit(Figures.Clean(finding.Measured), CellChars), Figures.Fit(Figures.Clean(finding.Reference), CellChars), Q(finding.Q));
        }

        foreach (var line in table.Lines(width))
            yield return line;
        foreach (var finding in account.ByWeight.Where(finding => finding.Severity is Severity.Block or Severity.Warn))
        {
            yield return $"  {Status(finding.Severity)} {finding.Reason}: {Figures.Clean(finding.Sentence)}";
            if (finding.Select is { } select)
                yield return $"    rows: muster rerun{JobArgument(job)} --run {account.Family.Full.Name} --select {Shell.Quoted(Figures.Clean(select))} --plan";
        }

        foreach (var group in account.Report.Findings.Where(finding => finding.Severity == Severity.NotApplicable).GroupBy(finding => finding.Sentence))
            yield return $"  n/a {string.Join(", ", group.Select(finding => finding.Check).Distinct())}: {Figures.Clean(group.Key)}";
        yield return $"  eval set: {Figures.Clean(account.Gold)}";
        if (account.Override is { } despite)
            yield return $"  {despite.PromotionId} let through despite drift at {Figures.Clock(despite.At)} by {Figures.Clean(despite.Who)}: {Figures.Clean(despite.Reason)}";
        yield return $"{Figures.Count(account.Report.Comparisons, "comparison")}. {Figures.Clean(account.Report.Sentence)}";
    }

    public static object Json(DriftAccount account, string? next) => new
    {
        run = account.Family.Full.Name, jobVersion = account.Family.Full.JobVersion, reruns = account.Family.Reruns.Select(rerun => rerun.Run.Name),
        against = account.Against?.Full.Name, whyAlone = account.WhyAlone, worst = Status(account.Report.Worst), blocks = account.Report.Blocks,
        comparisons = account.Report.Comparisons, sentence = account.Report.Sentence, evalSet = account.Gold,
        findings = account.Report.Findings.Select(finding => new
        {
            finding.Check, finding.Title, finding.Field, finding.Slice, status = Status(finding.Severity), finding.Measured, finding.Reference, finding.Q,
            reason = finding.Severity is Severity.Block or Severity.Warn ? finding.Reason : null, finding.Sentence, finding.Select,
        }),
        @override = account.Override is not { } despite ? null : new { run = account.Family.Runs.First(run => run.Id == despite.RunId).Name, despite.PromotionId, despite.At, despite.Who, despite.Reason, despite.Holds }, next,
    };

    /// <summary>Rows to ask again when something blocks; the promotion when nothing does.</summary>
    public static string? Next(DriftAccount account, Run run, string? job, bool hasTarget) =>
        account.Report.Blocks
            ? account.Blocking.FirstOrDefault(finding => finding.Select is not null) is { } found
                ? $"muster rerun{JobArgument(job)} --run {account.Family.Full.Name} --select {Shell.Quoted(found.Select!)} --plan"
                : NextStep.Command("report", job)
            : hasTarget ? $"{NextStep.Command("promote", job)} --run {run.Name}" : null;

    private static string JobArgument(string? job) => job is null ? "" : $" {NextStep.Quoted(job)}";

    private static string Of(RunFamily family) => $"{family.Full.Name} {family.Full.Job}@{family.Full.JobVersion}"
        + (family.Reruns.Count == 0 ? "" : $" with {string.Join(", ", family.Reruns.Select(rerun => $"{rerun.Run.Name} ({Figures.Count(rerun.Selection.Rows, "row")})"))}");

    private static string Status(Severity severity) => severity == Severity.NotApplicable ? "n/a" : Figures.Snake(severity);

    private static string Q(double? q) => q is { } value ? value < 0.0001 ? "<0.0001" : value.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture) : "";
}
