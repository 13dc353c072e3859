using MathNet.Numerics.Distributions;

namespace Muster.Statistics;

/// <summary>
/// How far a mix moved. Without drift the index is about <c>(1/N + 1/M)·χ²</c> with one degree of freedom less than bins, so that a
/// fixed limit alone fires at random on small runs.
/// </summary>
/// <param name="Index">Σ (current − reference)·ln(current / reference) over smoothed shares.</param>
/// <param name="P">The chance of an index this large without drift.</param>
internal readonly record struct PopulationStability(double Index, double P)
{
    private const double Smoothing = 0.5;

    public static PopulationStability Of(IReadOnlyList<long> reference, IReadOnlyList<long> current)
    {
        var bins = reference.Count;
        double n = reference.Sum(), m = current.Sum();
        if (bins < 2 || n == 0 || m == 0)
            return new PopulationStability(0, 1);
        var index = 0.0;
        for (var i = 0; i < bins; i++)
        {
            var before = (reference[i] + Smoothing) / (n + Smoothing * bins);
            var now = (current[i] + Smoothing) / (m + Smoothing * bins);
            index += (now - before) * Math.Log(now / before);
        }

        return new PopulationStability(index, 1 - ChiSquared.CDF(bins - 1, index / (1 / n + 1 / m)));
    }

    /// <summary>The index below which a mix of so many bins is noise at level <paramref name="alpha"/>.</summary>
    public static double Noise(int bins, long n, long m, double alpha) => ChiSquared.InvCDF(bins - 1, 1 - alpha) * (1.0 / n + 1.0 / m);

    /// <summary>Whether the index is both above the floor and beyond noise.</summary>
    public static bool Fires(IReadOnlyList<long> reference, IReadOnlyList<long> current, double floor, double alpha) =>
        Of(reference, current).Index >= Math.Max(floor, Noise(reference.Count, reference.Sum(), current.Sum(), alpha));
}
