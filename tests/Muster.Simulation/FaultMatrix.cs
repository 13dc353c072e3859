using System.Globalization;
using System.Text;
using Muster.Simulation.Network;

namespace Muster.Simulation;

/// <summary>Every kind of fault against every checker: in how many seeds both were there.</summary>
internal static class FaultMatrix
{
    public const string Start = "<!-- fault matrix: written by --matrix -->";
    public const string End = "<!-- end of fault matrix -->";

    /// <summary>Before the name of a checker in the counts of a seed: it had something to look at.</summary>
    private const string CheckedPrefix = "checked: ";

    /// <summary>The kinds of fault, as the counts of a seed name them.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        .. Kind<CreateFate>("create"),
        .. Kind<CreateFate>("message"),
        .. Kind<GetFate>("list").Where(kind => kind != "list: FalseNotFound"),
        .. Kind<GetFate>("retrieve"),
        .. Kind<GetFate>("results"),
        .. Kind<GetFate>("cancel"),
        .. Kind<StreamFate>("download"),
        "process: killed", "process: paused", "process: asked to stop", "process: second one refused", "process: refused at first contact",
        "process: wrong clock",
        .. RemoteSightings.Kinds,
        "limit: queued requests", "limit: cap reached",
        "remote: foreign batch", "remote: canceled by a person", "operator: cancel requested",
        "promotion: killed at an await", "promotion: killed inside of a step", "promotion: asked to stop", "target: edited by another program",
    ];

    /// <summary>The checkers by guarantee; those that look at each step of every seed (<c>OneThread</c>, <c>NoCrash</c>, <c>RunsEnd</c>) are left out.</summary>
    public static readonly IReadOnlyList<Checker> Checkers =
    [
        new("G1", "EachRowOneState"), new("G1", "LinesAccounted"), new("G1", "OnlySpentRowsFail"), new("G2", "OneLiveAttempt"), new("G2", "IntentBeforeBytes"),
        new("G2", "PaidAtMostOnce"), new("G2", "CalledAtMostOnce"), new("G3", "NoOrphan"), new("G4", "TerminalStays"), new("G4", "ResultsReplay"), new("G4", "ReplayIsNoOp"),
        new("G4", "PromotionReplays"), new("G5", "NothingLiveWithoutPromotion"), new("G5", "RollbackSparesOthers"),
        new("G6", "JoinedByKey"), new("G8", "TokensRight"), new("G8", "SpendCapped"), new("G10", "DurableBeforeVisible"),
    ];

    public static string Checked(string checker) => CheckedPrefix + checker;

    public static bool IsCheck(string kind) => kind.StartsWith(CheckedPrefix, StringComparison.Ordinal);

    public static string Markdown(Tally tally)
    {
        var text = new StringBuilder(Start).Append('\n').Append(CultureInfo.InvariantCulture, $"{tally.Seeds} seeds, {tally.Failures.Count} violations.\n\n| fault | hits | seeds |");
        foreach (var checker in Checkers)
            text.Append(CultureInfo.InvariantCulture, $" {checker.Guarantee} {checker.Name} |");
        text.Append("\n| --- | ---: | ---: |").Append(string.Concat(Enumerable.Repeat(" ---: |", Checkers.Count))).Append('\n');
        foreach (var kind in Kinds)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{kind}` | {tally.Hits(kind)} | {tally.SeedsWith(kind)} |");
            foreach (var checker in Checkers)
                text.Append(CultureInfo.InvariantCulture, $" {tally.SeedsWith(kind, Checked(checker.Name))} |");
            text.Append('\n');
        }

        return text.Append(End).ToString();
    }

    /// <summary>Writes the table into a page that has its markers.</summary>
    public static void WriteInto(string path, Tally tally)
    {
        var page = File.ReadAllText(path);
        var (from, to) = (page.IndexOf(Start, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        File.WriteAllText(path, from < 0 || to < from ? Markdown(tally) + "\n" : page[..from] + Markdown(tally) + page[(to + End.Length)..]);
    }

    private static IEnumerable<string> Kind<T>(string call) where T : struct, Enum => Enum.GetValues<T>().Skip(1).Select(fate => $"{call}: {fate}");
}

internal sealed record Checker(string Guarantee, string Name);
