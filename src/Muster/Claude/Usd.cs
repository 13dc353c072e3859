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

    public static decimal Of(long picoUsd) => picoUsd / PicoPerUsd;

    public static long ToPico(decimal usd) => (long)decimal.Round(usd * PicoPerUsd);
}
