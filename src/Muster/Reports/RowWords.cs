using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Reports;

/// <summary>Takes what came from the rows out of an account: keys, messages, names out of outputs. Counts, places and codes stay.</summary>
internal static class RowWords
{
    public const string LeftOut = "Its sentence may name rows and is left out.";

    public static RunAccount Removed(RunAccount account) => account with
    {
        HoldsRows = false,
        Reasons =
        [
            .. account.Reasons.GroupBy(reason => (reason.State, Reason: Reasons.WithoutDetail(reason.Reason).ToString()))
                .Select(group => new ReportedReason(group.Key.State, group.Key.Reason, group.Sum(reason => reason.Rows), [])),
        ],
        Promotions = [.. account.Promotions.Select(receipt => receipt with { Listed = [] })],
        Drift = account.Drift is { } drift ? drift with { Findings = [.. drift.Findings.Select(finding => finding with { Slice = "", Measured = "", Reference = "", Sentence = $"See `muster drift`: {finding.Title}." })] } : null,
        Gold = null,
        Eval = (account.Eval ?? MeasuredFacts.Of(account.Gold)) is { } eval ? eval with { Sentence = LeftOut } : null,
        Picture = account.Picture is { } picture ? picture with { Issues = Removed(picture.Issues) } : null,
    };

    private static IssueList Removed(IssueList issues) => issues with
    {
        Groups = [.. issues.Groups.Select(issue => issue with { Reason = Reasons.WithoutDetail(issue.Reason).ToString(), Example = null, Keys = [] })],
    };
}
