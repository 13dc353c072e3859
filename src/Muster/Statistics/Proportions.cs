using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Muster.Statistics;

internal enum Tail { Greater, Less, Either }

/// <summary>One share, and the difference of two.</summary>
internal static class Proportions
{
    /// <summary>The two-sided 95 % quantile of the normal distribution.</summary>
    public const double Z95 = 1.959963984540054;

    // Below either, the normal approximation's tail is off by more than the scans over slices can bear.
    private const double MinShareOfNormal = 0.1;
    private const double MinExpectedOfNormal = 30;

    /// <summary>Wilson's score interval of a share.</summary>
    public static Interval Wilson(long hits, long n, double z = Z95)
    {
        if (n <= 0)
            return new Interval(0, 1);
        var p = (double)hits / n;
        var square = z * z;
        var middle = (p + square / (2 * n)) / (1 + square / n);
        var half = z / (1 + square / n) * Math.Sqrt(p * (1 - p) / n + square / (4.0 * n * n));
        return new Interval(hits == 0 ? 0 : Math.Max(0, middle - half), hits == n ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Newcombe's interval of the first share minus the second, from their Wilson intervals.</summary>
    public static Interval Newcombe(long hits1, long n1, long hits2, long n2, double z = Z95)
    {
        if (n1 <= 0 || n2 <= 0)
            return new Interval(-1, 1);
        double p1 = (double)hits1 / n1, p2 = (double)hits2 / n2;
        Interval first = Wilson(hits1, n1, z), second = Wilson(hits2, n2, z);
        return new Interval(
            p1 - p2 - Hypotenuse(p1 - first.Low, second.High - p2),
            p1 - p2 + Hypotenuse(first.High - p1, p2 - second.Low));
    }

    /// <summary>
    /// The chance of a difference at least this large when both shares are equal: given the sum of hits, the first count is binomial.
    /// That is exact for rare outcomes and errs to the safe side for others, which take the pooled normal test instead.
    /// </summary>
    public static double P(long hits1, long n1, long hits2, long n2, Tail tail)
    {
        if (n1 <= 0 || n2 <= 0)
            return 1;
        return tail switch
        {
            Tail.Greater => Greater(hits1, n1, hits2, n2),
            Tail.Less => Greater(n1 - hits1, n1, n2 - hits2, n2),
            _ => Math.Min(1, 2 * Math.Min(Greater(hits1, n1, hits2, n2), Greater(n1 - hits1, n1, n2 - hits2, n2))),
        };
    }

    /// <summary>The pooled standard score of the difference; 0 when there is nothing to compare.</summary>
    public static double Z(long hits1, long n1, long hits2, long n2)
    {
        if (n1 <= 0 || n2 <= 0)
            return 0;
        var pooled = (double)(hits1 + hits2) / (n1 + n2);
        var error = Math.Sqrt(pooled * (1 - pooled) * (1.0 / n1 + 1.0 / n2));
        return error > 0 ? ((double)hits1 / n1 - (double)hits2 / n2) / error : 0;
    }

    /// <summary>P(X ≥ hits) for a binomial X.</summary>
    public static double AtLeast(long hits, long n, double p) => hits <= 0 ? 1
        : hits > n || p <= 0 ? 0
        : p >= 1 ? 1 : SpecialFunctions.BetaRegularized(hits, n - hits + 1, p);

    /// <summary>P(X ≤ hits) for a binomial X.</summary>
    public static double AtMost(long hits, long n, double p) => hits >= n ? 1
        : hits < 0 || p >= 1 ? 0
        : p <= 0 ? 1 : SpecialFunctions.BetaRegularized(n - hits, hits + 1, 1 - p);

    private static double Greater(long hits1, long n1, long hits2, long n2)
    {
        long hits = hits1 + hits2, n = n1 + n2;
        if (hits == 0 || hits == n)
            return 1;
        var pooled = (double)hits / n;
        var rarer = Math.Min(pooled, 1 - pooled);
        if (rarer >= MinShareOfNormal && rarer * Math.Min(n1, n2) >= MinExpectedOfNormal)
        {
            var steps = 1.0 / n1 + 1.0 / n2;
            var z = ((double)hits1 / n1 - (double)hits2 / n2 - steps / 2) / Math.Sqrt(pooled * (1 - pooled) * steps);
            return Normal.CDF(0, 1, -z);
        }

        return pooled <= 0.5
            ? AtLeast(hits1, hits, (double)n1 / n)
            : AtMost(n1 - hits1, n - hits, (double)n1 / n);
    }

    private static double Hypotenuse(double a, double b) => Math.Sqrt(a * a + b * b);
}
