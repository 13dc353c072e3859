using Muster.Promotion;
using Muster.Review;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>Reviews in words and as JSON.</summary>
internal static class ReviewText
{
    public static IEnumerable<string> Lines(Run run, ReviewAccount account)
    {
        var more = account.Unqueued > 0 ? $", {Figures.Count(account.Unqueued)} more are not in the queue yet" : "";
        yield return $"{run.Name}: {Figures.Count(account.Waiting, "row")} wait{(account.Waiting == 1 ? "s" : "")} for a person{more}"
            + $" ({Figures.Count(account.Leased)} with a reviewer, {Figures.Count(account.Escalated)} escalated)";
        yield return $"  decided: {Decisions(account)}";
        yield return $"  {Defects(account.Defects)}";
    }

    public static string Defects(DefectRate defects) => defects.Rate is not { } rate
        ? $"defect rate of the {Figures.Count(defects.Passed)} rows that passed: unknown, nobody looked at one ({Figures.Count(defects.Drawn)} drawn)"
        : $"defect rate of the {Figures.Count(defects.Passed)} rows that passed: {Figures.Percent(rate)}, between {Figures.Percent(defects.Bounds.Low)} and"
            + $" {Figures.Percent(defects.Bounds.High)} (95 %, {Figures.Count(defects.Defects)} of {Figures.Count(defects.Looked)} looked at, {Figures.Count(defects.Drawn)} drawn)";

    public static string Session(IReadOnlyDictionary<Decision, int> done) =>
        done.Count == 0 ? "Nothing was decided." : $"Decided now: {string.Join(", ", done.OrderBy(entry => entry.Key).Select(entry => $"{Figures.Count(entry.Value)} {Past(entry.Key)}"))}.";

    public static string Word(RowState state) => state == RowState.Succeeded ? "accepted" : RowStates.Word(state);

    public static string Past(Decision decision) => decision switch
    {
        Decision.Accept => "accepted",
        Decision.Edit => "edited",
        Decision.Reject => "rejected",
        Decision.Rerun => "sent back",
        Decision.Unsure => "passed on",
        Decision.Escalate => "escalated",
        Decision.Waive => "waived",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What became of the promotion that a reviewer may take for live; a sentence without its end.</summary>
    public static string TakenBack(Receipt receipt, string name) => $"{receipt.PromotionId}, which wrote {Figures.Clean(name)}, was rolled back";

    /// <summary>Says what was done with a row, and how to take it back.</summary>
    public static void Print(Terminal terminal, bool isJson, Run run, string name, Verdict verdict, RulingOutcome.Made made, string rest)
    {
        if (isJson)
        {
            terminal.Json("muster.review/1", new { run = run.Name, row = name, decided = verdict.Decision, made.Decision, verdict.Reason, queue = made.Item?.State });
            return;
        }

        terminal.Line($"{Figures.Clean(name)} is {Past(verdict.Decision)}{(made.Decision is { } decision ? $" as {decision}" : "")}.");
        if (verdict.Decision == Decision.Rerun)
            terminal.Line($"  It waits again and is asked and paid once more; a row can be sent back {RowRulings.MaxReruns} times.");
        if (made.Item?.State == ReviewState.Escalated)
            terminal.Line("  It waits for somebody with the last word.");
        // A decision's name means one thing; a key may hold anything, also the name of another decision.
        terminal.Say($"Undo: muster review undo {made.Decision ?? NextStep.Quoted(Figures.Clean(name))}{rest}");
    }

    public static object Form(ReviewAccount account) => new
    {
        account.Waiting, account.Leased, account.Escalated, account.Unqueued, account.Decided, rows = account.Rows.ToDictionary(entry => Figures.Snake(entry.Key), entry => entry.Value),
        account.Waived,
        defects = new
        {
            account.Defects.Passed, account.Defects.Drawn, account.Defects.Looked, account.Defects.Defects, account.Defects.Rate,
            low = account.Defects.Rate is null ? (double?)null : account.Defects.Bounds.Low, high = account.Defects.Rate is null ? (double?)null : account.Defects.Bounds.High,
        },
    };

    public static object Form(ReviewCard card, ReviewDesk desk) => new
    {
        key = desk.Definition.Source.Key.Sensitive ? null : card.Key, card.Line, state = card.State, card.Reason, card.Message, card.Attempt,
        tier = card.Tier + 1, model = desk.Definition.Tiers[Math.Min(card.Tier, desk.Definition.Tiers.Count - 1)].Model,
        lease = card.Item?.LeaseNumber, leaseUntil = card.Item?.LeaseUntil,
        source = ReviewScreen.Source(card, desk.Run.Columns).Select(value => new { column = value.Name, value = value.Text }),
        output = card.Output.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(card.Output.Span),
        votes = card.Votes.Where(vote => vote.UndoneAt is null).Select(vote => new { vote.Reviewer, vote.Decision, vote.At }),
    };

    private static string Decisions(ReviewAccount account) => account.Rows.Count == 0
        ? "nothing yet"
        : string.Join(", ", account.Rows.Select(entry => $"{Figures.Count(entry.Value, "row")} {Past(entry.Key)}"));
}
