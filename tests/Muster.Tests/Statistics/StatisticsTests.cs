using Muster.Statistics;

namespace Muster.Tests.Statistics;

public sealed class StatisticsTests
{
    private static readonly double[] Discordances = [0.05, 0.10, 0.20];
    private static readonly double[] Drops = [0.05, 0.03, 0.02, 0.01];

    [Fact]
    public void Mc_nemar_equals_the_sum_of_all_outcomes()
    {
        for (var regressions = 0; regressions <= 40; regressions++)
        {
            for (var fixes = 0; fixes <= 40; fixes++)
            {
                var n = regressions + fixes;
                var sum = Enumerable.Range(regressions, n - regressions + 1).Sum(k => Choose(n, k)) / Math.Pow(2, n);
                McNemar.P(regressions, fixes).ShouldBe(sum, 1e-10, $"{regressions}:{fixes}");
            }
        }

        McNemar.P(5, 0).ShouldBe(0.03125, 1e-10);
        McNemar.P(6, 1).ShouldBe(0.0625, 1e-10);
        McNemar.P(10, 3).ShouldBe(0.046, 0.0005);
    }

    [Fact]
    public void Wilson_and_newcombe_equal_the_published_examples()
    {
        // Newcombe 1998a: 81 of 263 and 15 of 148.
        var first = Proportions.Wilson(81, 263);
        first.Low.ShouldBe(0.2553, 0.0001);
        first.High.ShouldBe(0.3662, 0.0001);
        var second = Proportions.Wilson(15, 148);
        second.Low.ShouldBe(0.0624, 0.0001);
        second.High.ShouldBe(0.1605, 0.0001);

        // Newcombe 1998b, method 10: 56 of 70 against 48 of 80, and 10 of 10 against 0 of 20.
        var difference = Proportions.Newcombe(56, 70, 48, 80);
        difference.Low.ShouldBe(0.0524, 0.0001);
        difference.High.ShouldBe(0.3339, 0.0001);
        Proportions.Newcombe(10, 10, 0, 20).Low.ShouldBe(0.6791, 0.0001);
        Proportions.Newcombe(10, 10, 0, 20).High.ShouldBe(1, 0.0001);
    }

    [Fact]
    public void Benjamini_and_hochberg_equal_a_calculation_by_hand()
    {
        FalseDiscovery.Q([0.01, 0.04, 0.03, 0.005]).Select(q => Math.Round(q, 10)).ShouldBe([0.02, 0.04, 0.04, 0.02]);
        FalseDiscovery.Q([]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(3, 5, 100, 5000)]
    [InlineData(40, 60, 300, 400)]
    [InlineData(0, 1, 50, 50)]
    [InlineData(299, 300, 300, 400)]
    public void The_two_tails_of_a_difference_overlap_in_what_was_seen(long hits1, long hits2, long n1, long n2)
    {
        double greater = Proportions.P(hits1, n1, hits2, n2, Tail.Greater), less = Proportions.P(hits1, n1, hits2, n2, Tail.Less);

        (greater + less).ShouldBeGreaterThanOrEqualTo(1);
        Proportions.P(hits2, n2, hits1, n1, Tail.Less).ShouldBe(greater, 1e-9);
    }

    [Fact]
    public void Equal_shares_are_called_different_no_more_often_than_the_level_says()
    {
        var random = new Random(11);
        foreach (var p in new[] { 0.002, 0.02, 0.15, 0.5, 0.97 })
        {
            var fired = 0;
            const int trials = 2000;
            for (var i = 0; i < trials; i++)
                fired += Proportions.P(Sample.Binomial(random, 400, p), 400, Sample.Binomial(random, 1500, p), 1500, Tail.Greater) <= 0.01 ? 1 : 0;
            ((double)fired / trials).ShouldBeLessThan(0.015, $"share {p}");
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(20)]
    public void The_calibrated_stability_index_fires_at_its_level_without_drift(int bins)
    {
        var random = new Random(bins);
        foreach (var m in new[] { 100, 300, 1000 })
        {
            const int trials = 6_000;
            var fired = 0;
            for (var i = 0; i < trials; i++)
                fired += PopulationStability.Fires(Sample.Even(random, bins, 5000), Sample.Even(random, bins, m), 0, 0.01) ? 1 : 0;
            ((double)fired / trials).ShouldBeInRange(0.005, 0.02, $"{bins} bins, {m} rows");
            TestContext.Current.TestOutputHelper?.WriteLine($"calibrated index, {bins} bins, {m} rows: {100.0 * fired / trials:0.00} % fire at 1 %");
        }
    }

    [Fact]
    public void On_large_runs_the_floor_of_the_index_decides()
    {
        PopulationStability.Noise(10, 50_000, 20_000, 0.01).ShouldBe(0.0015, 0.0001);
        long[] reference = [5000, 5000], moved = [5200, 4800];
        PopulationStability.Of(reference, moved).P.ShouldBeLessThan(0.01);
        PopulationStability.Fires(reference, moved, 0.10, 0.01).ShouldBeFalse();
    }

    [Fact]
    public void The_power_table_is_the_published_one()
    {
        long[] expected = [117, 337, 767, 3085, 241, 681, 1539, 6176, 488, 1368, 3085, 12359];

        Discordances.SelectMany(discordance => Drops.Select(drop => Power.Cases(discordance, drop))).ShouldBe(expected);
        foreach (var discordance in Discordances)
            Power.SmallestDrop(Power.Cases(discordance, 0.02), discordance).ShouldBe(0.02, 0.0001);
    }

    [Fact]
    public void The_median_shift_of_a_histogram_is_that_of_its_values()
    {
        var random = new Random(3);
        Histogram before = new(), now = new(), same = new();
        for (var i = 0; i < 2000; i++)
        {
            before.Add(Sample.Normal(random) * 0.4);
            same.Add(Sample.Normal(random) * 0.4);
            now.Add(Sample.Normal(random) * 0.4 + Math.Log(1.3));
        }

        Math.Exp(now.ShiftFrom(before)).ShouldBe(1.3, 0.05);
        now.PAgainst(before).ShouldBeLessThan(1e-12);
        Math.Exp(same.ShiftFrom(before)).ShouldBe(1, 0.04);
        same.PAgainst(before).ShouldBeGreaterThan(0.01);
    }

    [Fact]
    public void Means_are_compared_from_their_sums()
    {
        var moments = new double[] { 1, 2, 3, 4 }.Aggregate(default(Moments), (sums, value) => sums.With(value));

        moments.Mean.ShouldBe(2.5);
        moments.Variance.ShouldBe(5.0 / 3, 1e-12);
        Moments.P(moments, moments, Tail.Greater).ShouldBe(0.5, 1e-9);
        Moments.P(default(Moments).With(2).With(2), default(Moments).With(1).With(1), Tail.Greater).ShouldBe(0);
    }

    private static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);
}
