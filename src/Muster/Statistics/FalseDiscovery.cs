namespace Muster.Statistics;

/// <summary>Many tests at once: Benjamini and Hochberg.</summary>
internal static class FalseDiscovery
{
    /// <summary>For each p the smallest rate of false discoveries at which its test is rejected.</summary>
    public static double[] Q(IReadOnlyList<double> p)
    {
        var order = Enumerable.Range(0, p.Count).OrderByDescending(i => p[i]).ToList();
        var q = new double[p.Count];
        var least = 1.0;
        for (var i = 0; i < order.Count; i++)
        {
            least = Math.Min(least, p[order[i]] * p.Count / (p.Count - i));
            q[order[i]] = least;
        }

        return q;
    }
}
