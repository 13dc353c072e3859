using System.Globalization;

namespace Muster.Reports;

/// <summary>How numbers stand in a report.</summary>
internal static class ReportText
{
    public static string Percent(double share) => double.IsFinite(share) ? (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %" : "–";

    public static string Clock(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>45 s</c>, <c>9 m 5 s</c>, <c>50 m</c>, <c>1 h 10 m</c>, <c>3 d 4 h</c>.</summary>
    public static string Span(TimeSpan time) => time switch
    {
        { Ticks: < 0 } => "0 s",
        { TotalSeconds: < 1 } => $"{time.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture)} s",
        { TotalSeconds: < 60 } => $"{time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s",
        { TotalMinutes: < 10 } => $"{(int)time.TotalMinutes} m {time.Seconds} s",
        { TotalMinutes: < 60 } => $"{(int)time.TotalMinutes} m",
        { TotalHours: < 48 } => $"{(int)time.TotalHours} h {time.Minutes} m",
        _ => $"{(int)time.TotalDays} d {time.Hours} h",
    };

    /// <summary>A count that may not be known yet; empty then.</summary>
    public static string Figure(long? number) => number is { } known ? Amount.Grouping(known) : "";

    /// <summary>A number of a scale, short: 600 k.</summary>
    public static string Short(double number) => number switch
    {
        >= 1_000_000 => (number / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        >= 10_000 => (number / 1_000).ToString("0.#", CultureInfo.InvariantCulture) + " k",
        _ => number.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
