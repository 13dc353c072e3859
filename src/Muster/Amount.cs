namespace Muster;

/// <summary>A number with its noun: 1 row, 2 rows, 3 batches.</summary>
internal static class Amount
{
    public static string Of(long count, string noun) => $"{count} {Noun(count, noun)}";

    public static string Noun(long count, string noun) =>
        count == 1 ? noun : noun.EndsWith("ch", StringComparison.Ordinal) ? noun + "es" : noun + "s";
}
