using Muster.Review;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>What is done with quarantined rows, in words and as JSON.</summary>
internal static class QuarantineText
{
    private const int MaxRows = 20;

    public static IEnumerable<string> Lines(ChosenRows rows, Verdict verdict, string consequence, ReviewException? refusal, ReviewDesk desk)
    {
        yield return $"{Figures.Count(rows.Rows.Count, "row")} would be {ReviewText.Past(verdict.Decision)}{(rows.Issue is { } issue ? $", all of {issue.Id} {Figures.Clean(issue.Reason)}" : "")}. {consequence}";
        yield return $"  hash {rows.Hash}";
        foreach (var row in rows.Rows.Take(MaxRows))
            yield return $"  {Figures.Clean(NameOf(row, desk))}  {Figures.Clean(row.Reason ?? "")}";
        if (rows.Rows.Count > MaxRows)
            yield return $"  and {Figures.Count(rows.Rows.Count - MaxRows)} more";
        if (refusal is not null)
            yield return $"It would be refused: {Figures.Clean(refusal.Message)} {Figures.Clean(refusal.Hint)}";
    }

    public static object Plan(Run run, ChosenRows rows, Verdict verdict, RulingOutcome.Made? made, ReviewException? refusal) => new
    {
        run = run.Name, issue = rows.Issue is { } issue ? Form(issue) : null, rows = made?.Rows ?? rows.Rows.Count, rows.Hash, decided = verdict.Decision, made?.Decision,
        skipped = made?.Skipped ?? 0, why = made?.WhySkipped ?? refusal?.Message,
    };

    public static object Form(Issue issue) => new
    {
        issue.Id, issue.Fingerprint, issue.Reason, issue.Pointer, issue.State, issue.Rows, issue.FirstSeen, issue.LastSeen, issue.Owner, issue.Note, issue.RerunId, issue.KnownChange,
        mutedUntil = issue.Mute?.Date, mutedAbove = issue.Mute?.MoreRowsThan, mutedForContract = issue.Mute?.NextContract ?? false,
    };

    private static string NameOf(ReviewCard row, ReviewDesk desk) => desk.Definition.Source.Key.Sensitive ? row.Line : row.Key ?? row.Line;
}
