using MathNet.Numerics;

namespace Muster.Statistics;

/// <summary>Paired pass and fail: only the cases that changed count.</summary>
internal static class McNemar
{
    /// <summary>The exact one-sided chance of at least so many regressions among the changed cases when both directions are alike.</summary>
    public static double P(long regressions, long fixes) => regressions <= 0 ? 1 : SpecialFunctions.BetaRegularized(regressions, fixes + 1, 0.5);
}
