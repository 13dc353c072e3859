using System.Globalization;
using System.Text;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>How numbers, durations and foreign text are written.</summary>
internal static class Figures
{
    public static string Count(long number) => Amount.Grouping(number);

    public static string Count(long number, string noun) => Amount.Of(number, noun);

    /// <summary>The ledger's equation.</summary>
    public static string Ledger(Ledger ledger) => ledger.ToString();

    public static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    /// <summary><c>45 s</c>, <c>19 m</c>, <c>1h10</c>, <c>3 d</c>.</summary>
    public static string Span(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            return "0 s";
        return time.TotalSeconds < 60 ? $"{time.TotalSeconds:0} s"
            : time.TotalMinutes < 60 ? $"{time.TotalMinutes:0} m"
            : time.TotalHours < 48 ? $"{(int)time.TotalHours}h{time.Minutes:00}"
            : $"{time.TotalDays:0} d";
    }

    public static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Snake<T>(T value) where T : struct, Enum => EnumName.Snake(value);

    public static string Words<T>(T value) where T : struct, Enum => EnumName.Words(value);

    /// <summary>Text that did not come from this program, without anything a terminal would obey.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            clean.Append(category is UnicodeCategory.Control or UnicodeCategory.Format ? $"\\u{rune.Value:x4}" : rune.ToString());
        }

        return clean.ToString();
    }

    public static string Fit(string line, int width) => line.Length <= width ? line : line[..Math.Max(0, width - 1)] + "…";
}
