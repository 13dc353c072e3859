using Muster.Drift;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>What was wrong with rows, and what is known of those that passed.</summary>
internal sealed partial class ReportPage
{
    private const int MaxIssues = 50;

    private void Reasons(PageWriter page)
    {
        page.Section("Not accepted");
        if (account.Reasons.Count == 0)
        {
            page.Text("Every row was accepted.");
            return;
        }

        page.Figure(ReportCharts.Pareto(account.Reasons), "Shares of the rows that were not accepted, the most frequent reason first; the dots add them up.");
        page.Table("Reasons", "nwrw", ["State", "Reason", "Rows", "Examples"], account.Reasons.Take(MaxListed).Select(reason => (IReadOnlyList<PageCell>)
        [
            RowStates.Word(reason.State), reason.Reason, reason.Rows,
            string.Join("\n", reason.Examples.Select(row => $"{row.Key ?? row.Line}{(row.Message is null ? "" : $": {row.Message}")}")),
        ]));
        More(page, account.Reasons.Count);
    }

    private void Issues(PageWriter page)
    {
        var issues = picture.Issues.Groups;
        if (issues.Count == 0)
            return;
        page.Section("Issues of the quarantine");
        page.Text($"{Amount.Of(picture.Issues.Rows, "row")} in {Amount.Of(issues.Count, "issue")}: rows set aside for one cause are one line and want one action.");
        page.Table("Issues", "nrrww", ["Issue", "Rows", "Share", "What happened", "What to do"], issues.Take(MaxIssues).Select(issue => (IReadOnlyList<PageCell>)
        [
            picture.Issues.Names.TryGetValue(issue.Fingerprint, out var name) ? $"{name} {issue.Fingerprint}" : issue.Fingerprint, issue.Rows,
            ReportText.Percent(account.Ledger.Rows == 0 ? 0 : (double)issue.Rows / account.Ledger.Rows),
            $"{issue.Reason}\nfirst {issue.FirstLine}{(issue.Example is null ? "" : $": {issue.Example}")}", issue.Action,
        ]));
        var rest = issues.Count - MaxIssues;
        if (rest > 0 || picture.Issues.Ungrouped > 0)
            page.Text($"{Amount.Of(Math.Max(0, rest), "further issue")} and {Amount.Of(picture.Issues.Ungrouped, "ungrouped row")} are not listed here.", "note", Quarantine());
    }

    private void Categories(PageWriter page)
    {
        if (picture.Categories.Count == 0)
            return;
        page.Section("Answers");
        foreach (var shift in picture.Categories.Where(shift => shift.Rows > 0))
        {
            page.Part(shift.Property);
            page.Text(shift switch
            {
                { BeforeFrom: null } => $"{Amount.Of(shift.Rows, "accepted row")}. There is nothing to compare with: the source has no column of this name, and no earlier run is done.",
                { Changed: { } changed } => $"{Amount.Of(shift.Rows, "accepted row")}; {Amount.Grouping(changed)} of them have another value than {shift.BeforeFrom}.",
                _ => $"{Amount.Of(shift.Rows, "accepted row")}, beside {Amount.Grouping(shift.BeforeRows)} that are {shift.BeforeFrom}.",
            });
            page.Figure(ReportCharts.Categories(shift), shift.BeforeFrom is null ? "Share of the accepted rows, and rows." : $"Share of the accepted rows, and rows; before: {shift.BeforeFrom}.");
        }
    }

    private void Drift(PageWriter page)
    {
        page.Section("Drift");
        if (account.Drift is not { } drift)
        {
            page.Text("Not measured. Against the last accepted run:", command: $"muster drift {account.Run.Name}{JobOption()}");
            return;
        }

        page.Text(drift.Sentence, drift.Worst switch { Severity.Block => "bad", Severity.Warn => "warn", _ => "" });
        var matrix = DriftMatrix.Of(drift);
        page.Table("Drift checks by field", $"l{new string('c', matrix.Fields.Count)}", ["Check", .. matrix.Fields.Select(field => field.Length == 0 ? "run" : field)],
            matrix.Rows.Select(row => (IReadOnlyList<PageCell>)[$"{row.Check} {row.Title}", .. row.Worst.Select(Cell)]));
        var said = drift.Findings.Where(finding => finding.Severity is Severity.Warn or Severity.Block).OrderByDescending(finding => finding.Severity).ToList();
        foreach (var finding in said.Take(MaxIssues))
            page.Text($"{finding.Check}: {finding.Sentence}", finding.Severity == Severity.Block ? "bad" : "warn");
        page.Text($"{Amount.Of(drift.Comparisons, "comparison")}; a difference counts when it is statistically real over all of them and beyond its check's floor. n/a: too few rows, or nothing to compare with.", "note");
    }

    private static PageCell Cell(Severity? severity) => severity switch
    {
        null => "",
        Severity.NotApplicable => new PageCell("n/a", "na"),
        { } known => new PageCell(EnumName.Words(known), EnumName.Words(known)),
    };

    private void Measured(PageWriter page, string title, ReportedFacts? facts, string command, string missing)
    {
        page.Section(title);
        if (facts is null)
        {
            page.Text($"Not measured. {missing}", command: command);
            return;
        }

        page.Text(facts.Sentence);
        if (facts.Facts.Count > 0)
            page.Table(title, "lw", [], facts.Facts.Select(fact => (IReadOnlyList<PageCell>)[fact.Name, fact.Value]));
    }

    private void Promotions(PageWriter page)
    {
        page.Section("Promotion");
        if (account.TargetTrouble is { } trouble)
            page.Text($"The target could not be asked for its promotions: {trouble}", "bad");
        foreach (var overruled in account.Overrides)
            page.Text($"{overruled.PromotionId} let through despite {overruled.HeldBy} at {ReportText.Clock(overruled.At)} by {overruled.Who}: {overruled.Reason}", "warn");
        if (account.Promotions.Count == 0)
        {
            page.Text(account.Run.IsOverPickedRows() ? "Runs over picked rows are never promoted." : "Nothing of this run is promoted.");
            return;
        }

        page.Table("Promotions", "nnnlrrrr", ["Promotion", "At", "State", "By", "Inserted", "Updated", "Unchanged", "Left alone"], account.Promotions.Take(MaxListed).Select(receipt =>
            (IReadOnlyList<PageCell>)
            [
                receipt.PromotionId, ReportText.Clock(receipt.At), EnumName.Words(receipt.State), receipt.Actor, receipt.Counts.Insert, receipt.Counts.Update,
                receipt.Counts.Unchanged, receipt.Counts.Total - receipt.Counts.Written - receipt.Counts.Unchanged,
            ]));
    }

    private string JobOption() => job is null ? "" : $" --job {job}";

    private string Quarantine() => $"muster quarantine {account.Run.Name}{JobOption()}";
}
