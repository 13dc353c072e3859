using MathNet.Numerics.Distributions;

namespace Muster.Statistics;

/// <summary>
/// Counts of a logarithm in bins of 0.02 from −6 to 6: enough to know shifts and quantiles to 2 % in fixed memory. What lies
/// beyond is counted in the outermost bins.
/// </summary>
internal sealed class Histogram(long[] counts)
{
    private const double Width = 0.02;
    private const int Bins = 600;

    public Histogram()
        : this(new long[Bins])
    {
    }

    public IReadOnlyList<long> Counts => counts;

    public long N => counts.Sum();

    public void Add(double logarithm) => counts[Math.Clamp((int)Math.Floor(logarithm / Width) + Bins / 2, 0, Bins - 1)]++;

    /// <summary>The bin below and including which lies this share of the values.</summary>
    public int BinAt(double share)
    {
        var wanted = share * N;
        long seen = 0;
        for (var bin = 0; bin < Bins; bin++)
        {
            seen += counts[bin];
            if (seen >= wanted && seen > 0)
                return bin;
        }

        return Bins - 1;
    }

    public long Outside(int low, int high) => counts.Where((_, bin) => bin < low || bin > high).Sum();

    /// <summary>Hodges and Lehmann's shift: the median of all differences between a value here and one there.</summary>
    public double ShiftFrom(Histogram reference)
    {
        var below = Below();
        var half = (double)N * reference.N / 2;
        int low = -Bins, high = Bins;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (PairsUpTo(middle, below, reference) >= half)
                high = middle;
            else
                low = middle + 1;
        }

        return low * Width;
    }

    /// <summary>Mann and Whitney's two-sided chance, with its correction for ties.</summary>
    public double PAgainst(Histogram reference)
    {
        double n = N, m = reference.N, all = n + m, u = 0, ties = 0, below = 0;
        if (n == 0 || m == 0)
            return 1;
        for (var bin = 0; bin < Bins; bin++)
        {
            double here = counts[bin], there = reference.Counts[bin], tied = here + there;
            u += here * (below + there / 2);
            below += there;
            ties += tied * (tied * tied - 1);
        }

        var variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
        return variance <= 0 ? 1 : 2 * Normal.CDF(0, 1, -Math.Abs(u - n * m / 2) / Math.Sqrt(variance));
    }

    private static double PairsUpTo(int shift, double[] below, Histogram reference)
    {
        var pairs = 0.0;
        for (var bin = 0; bin < Bins; bin++)
            pairs += reference.Counts[bin] == 0 ? 0 : reference.Counts[bin] * below[Math.Clamp(bin + shift + 1, 0, Bins)];
        return pairs;
    }

    private double[] Below()
    {
        var below = new double[Bins + 1];
        for (var bin = 0; bin < Bins; bin++)
            below[bin + 1] = below[bin] + counts[bin];
        return below;
    }
}
