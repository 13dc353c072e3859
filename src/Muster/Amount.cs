using System.Globalization;

namespace Muster;

/// <summary>A number with its noun: 1 row, 2 000 rows, 3 batches.</summary>
internal static class Amount
{
    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = " ", NumberDecimalDigits = 0 };

    public static string Of(long count, string noun) => $"{Grouping(count)} {Noun(count, noun)}";

    /// <summary>The digits in groups of three: 20 000.</summary>
    public static string Grouping(long count) => count.ToString("N0", Grouped);

    public static string Noun(long count, string noun) =>
        count == 1 ? noun : noun.EndsWith("ch", StringComparison.Ordinal) ? noun + "es" : noun + "s";
}
