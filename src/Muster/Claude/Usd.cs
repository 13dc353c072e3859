using System.Globalization;

namespace Muster.Claude;

/// <summary>Money is summed in whole picodollars (10⁻¹² US dollars) and shown as dollars.</summary>
public static class Usd
{
    public const decimal PicoPerUsd = 1_000_000_000_000m;

    /// <summary>At least two decimals; four below one dollar, so that a pilot's cost does not read as nothing.</summary>
    public static string Text(long picoUsd)
    {
        var usd = Of(picoUsd);
        return "$" + usd.ToString(Math.Abs(usd) is > 0 and < 1 ? "0.0000" : "#,0.00", CultureInfo.InvariantCulture);
    }

    /// <summary>The same, or <c>unknown</c> where a model has no price.</summary>
    internal static string Text(long? picoUsd) => picoUsd is { } known ? Text(known) : "unknown";

    public static decimal Of(long picoUsd) => picoUsd / PicoPerUsd;

    internal static decimal? Of(long? picoUsd) => picoUsd is { } known ? Of(known) : null;

    public static long ToPico(decimal usd) => (long)decimal.Round(usd * PicoPerUsd);
}
