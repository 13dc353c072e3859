namespace Muster.Tests.Statistics;

/// <summary>Draws from a seeded source.</summary>
internal static class Sample
{
    public static long Binomial(Random random, int n, double p)
    {
        var hits = 0;
        for (var i = 0; i < n; i++)
            hits += random.NextDouble() < p ? 1 : 0;
        return hits;
    }

    public static long[] Even(Random random, int bins, int n)
    {
        // Each bin given those before it is binomial; the normal limit serves where it is good.
        var counts = new long[bins];
        long left = n;
        for (var i = 0; i < bins - 1; i++)
        {
            var p = 1.0 / (bins - i);
            var count = left * p > 200
                ? (long)Math.Round(left * p + Normal(random) * Math.Sqrt(left * p * (1 - p)))
                : Binomial(random, (int)left, p);
            counts[i] = Math.Clamp(count, 0, left);
            left -= counts[i];
        }

        counts[^1] = left;
        return counts;
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
