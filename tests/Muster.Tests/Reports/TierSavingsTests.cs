using Muster.Claude;
using Muster.Jobs;
using Muster.Reports;
using Muster.Runs;

namespace Muster.Tests.Reports;

/// <summary>What tiers save against the largest model alone, to the picodollar.</summary>
public sealed class TierSavingsTests
{
    private static readonly DateOnly Day = new(2026, 11, 21);

    [Fact]
    public void Rows_that_went_on_are_a_loss_of_the_tier_they_left()
    {
        // 900 rows end at haiku ($1 and $5 a million), 100 go on to sonnet 5.5 ($2 and $10); batches cost half.
        var saving = Of([Use(0, "claude-haiku-4-5-20251001", 900, false), Use(0, "claude-haiku-4-5-20251001", 100, true), Use(1, "claude-sonnet-5-5", 100, false)]);
        long haiku = ((1_000 * 1) + (100 * 5)) * 500_000, sonnet = haiku * 2;
        saving.Tiers[0].CostPicoUsd.ShouldBe(1_000 * haiku);
        saving.Tiers[0].ClimbedPicoUsd.ShouldBe(100 * haiku);
        saving.Tiers[0].LargePicoUsd.ShouldBe(900 * sonnet);
        saving.Tiers[0].SavedPicoUsd.ShouldBe((900 * sonnet) - (1_000 * haiku));
        saving.Tiers[1].SavedPicoUsd.ShouldBe(0, "what the largest model was asked itself saves nothing");
        saving.LargePicoUsd.ShouldBe(1_000 * sonnet, "every row once");
        saving.SavedPicoUsd.ShouldBe(saving.Tiers.Sum(tier => tier.SavedPicoUsd));
        saving.Sentence.ShouldContain("saved");
    }

    [Fact]
    public void Tiers_that_most_rows_climb_cost_more_than_they_save()
    {
        var saving = Of([Use(0, "claude-haiku-4-5", 10, false), Use(0, "claude-haiku-4-5", 990, true), Use(1, "claude-sonnet-5-5", 990, false)]);
        saving.SavedPicoUsd!.Value.ShouldBeLessThan(0);
        saving.Sentence.ShouldContain("more than claude-sonnet-5-5 alone");
    }

    [Fact]
    public void A_model_without_a_price_leaves_the_saving_unknown()
    {
        var unpriced = Use(0, "someone-elses", 5, false);
        var saving = Of([unpriced with { Usage = unpriced.Usage with { Unpriced = 5 } }, Use(1, "claude-sonnet-5-5", 5, false)]);
        saving.Tiers[0].SavedPicoUsd.ShouldBeNull();
        saving.SavedPicoUsd.ShouldBeNull();
        saving.Sentence.ShouldContain("not known");
    }

    [Fact]
    public void One_tier_has_nothing_to_compare_with()
    {
        var job = SomeAccount.Job() with { Tiers = [new TierSpec("claude-haiku-4-5", 300)] };
        var saving = TierSavings.Of(job, new Ladder([], [Use(0, "claude-haiku-4-5", 10, false)], new Dictionary<int, long>()), Prices.BuiltIn, Day);
        saving.IsTold.ShouldBeFalse();
        saving.SavedPicoUsd.ShouldBe(0);
    }

    [Fact]
    public void A_run_that_paid_nothing_saved_nothing()
    {
        var saving = Of([]);
        saving.IsTold.ShouldBeFalse();
        saving.SavedPicoUsd.ShouldBe(0);
    }

    [Fact]
    public void Many_requests_cost_what_each_costs()
    {
        var one = new PricedTokens(1_234, 321, 10, 20, 30);
        var many = new PricedTokens(1_234 * 7, 321 * 7, 70, 140, 210);
        Prices.BuiltIn.PicoUsdOf(7, many, "claude-opus-5-5", Day).ShouldBe(7 * Prices.BuiltIn.PicoUsd(one, "claude-opus-5-5", Day));
        // Above 100,000 prompt tokens in a request another rate holds; many short requests are not one long one.
        Prices.BuiltIn.PicoUsdOf(1_000, new PricedTokens(1_000_000, 0), "claude-haiku-5-5", Day).ShouldBe(1_000 * Prices.BuiltIn.PicoUsd(new PricedTokens(1_000, 0), "claude-haiku-5-5", Day));
        Prices.BuiltIn.PicoUsdOf(2, new PricedTokens(300_000, 0), "claude-haiku-5-5", Day).ShouldBe(2 * Prices.BuiltIn.PicoUsd(new PricedTokens(150_000, 0), "claude-haiku-5-5", Day));
    }

    private static TierSavings Of(IReadOnlyList<TierUse> uses) => TierSavings.Of(SomeAccount.Job(), new Ladder([], uses, new Dictionary<int, long>()), Prices.BuiltIn, Day);

    private static TierUse Use(int tier, string model, long requests, bool climbed)
    {
        var cost = requests * (Prices.BuiltIn.PicoUsd(new PricedTokens(1_000, 100), model, Day) ?? 0);
        return new TierUse(new Usage(tier, model, requests, requests * 1_000, requests * 100, 0, 0, 0, 0, cost, cost * 2, 0), climbed);
    }
}
