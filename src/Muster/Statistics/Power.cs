using MathNet.Numerics.Distributions;

namespace Muster.Statistics;

/// <summary>What a set of paired cases can see: 80 % power, one-sided 5 %.</summary>
internal static class Power
{
    private const double Alpha = 0.05;
    private const double Reached = 0.8;

    /// <summary>Cases for which a drop is seen, when so large a share of cases answers differently for any cause.</summary>
    /// <param name="discordance">Share of cases whose pass or fail differs between two gradings.</param>
    /// <param name="drop">Fall of the pass rate, as a share.</param>
    public static long Cases(double discordance, double drop) =>
        (long)Math.Round(Factor() * (discordance - drop * drop) / (drop * drop), MidpointRounding.AwayFromZero);

    /// <summary>The smallest drop that so many cases see.</summary>
    public static double SmallestDrop(long cases, double discordance) =>
        cases <= 0 ? 1 : Math.Min(1, Math.Sqrt(Factor() * discordance / (cases + Factor())));

    private static double Factor()
    {
        var z = Normal.InvCDF(0, 1, 1 - Alpha) + Normal.InvCDF(0, 1, Reached);
        return z * z;
    }
}
