namespace Muster.Pilots;

/// <summary>Why a row was picked. The order is the order of claiming: a row that fits several counts in the first that takes it.</summary>
internal enum Stratum
{
    /// <summary>A simple random sample of all rows that can be asked; it claims first, so that what it says holds for all of them.</summary>
    Random = 0,
    Control = 1,
    Empty = 2,
    NoLetters = 3,
    Markup = 4,
    Joke = 5,
    Script = 6,
    Language = 7,
    NearDuplicate = 8,
    RareCategory = 9,
    Shortest = 10,
    Longest = 11,
}

/// <summary>The mix of a pilot: how many of a hundred rows each stratum asks for, and its words.</summary>
internal static class Strata
{
    public static IReadOnlyList<StratumRule> All { get; } =
    [
        new(Stratum.Random, 30, "random", "a simple random sample of all rows that can be asked"),
        new(Stratum.Control, 5, "control", "control, invisible, reordering or unassigned characters"),
        new(Stratum.Empty, 5, "empty", "a column of the prompt is empty"),
        new(Stratum.NoLetters, 5, "no-letters", "text without a letter"),
        new(Stratum.Markup, 5, "markup", "tags, entities, braces or links"),
        new(Stratum.Joke, 5, "joke", "looks like a joke, a test or a filler"),
        new(Stratum.Script, 8, "script", "letters of a script that fewer than 5 % of the rows have"),
        new(Stratum.Language, 7, "language", "letter pairs unlike the bulk's: another language, or codes"),
        new(Stratum.NearDuplicate, 8, "near-duplicate", "nearly the text of an earlier row"),
        new(Stratum.RareCategory, 8, "rare-category", "a value with at most half of an even share of its column"),
        new(Stratum.Shortest, 7, "shortest", "the shortest texts"),
        new(Stratum.Longest, 7, "longest", "the longest texts"),
    ];

    /// <summary>
    /// How many rows each stratum gets of <paramref name="rows"/>, by its share of a hundred; whole numbers by largest remainder, the
    /// earlier stratum first among equals.
    /// </summary>
    public static IReadOnlyList<int> Quotas(int rows)
    {
        var quotas = All.Select(rule => (int)((long)rows * rule.Percent / 100)).ToArray();
        var byRemainder = All.OrderByDescending(rule => (long)rows * rule.Percent % 100).ThenBy(rule => rule.Stratum).ToList();
        var left = rows - quotas.Sum();
        foreach (var rule in byRemainder.Take(left))
            quotas[(int)rule.Stratum]++;
        return quotas;
    }
}

/// <param name="Stratum">Which one.</param>
/// <param name="Percent">Its share of the pick.</param>
/// <param name="Word">Its name in output.</param>
/// <param name="Meaning">What a row of it is.</param>
internal sealed record StratumRule(Stratum Stratum, int Percent, string Word, string Meaning);
