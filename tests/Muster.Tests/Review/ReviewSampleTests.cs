using FsCheck;
using FsCheck.Fluent;
using Muster.Review;

namespace Muster.Tests.Review;

public sealed class ReviewSampleTests
{
    [Fact]
    public void Fifteen_percent_of_the_queue_are_rows_that_passed()
    {
        var plan = ReviewSample.Plan([new("de", 6_000), new("en", 3_000), new("fr", 1_000)], suspects: 170);

        plan.Sum(share => share.Sampled).ShouldBe(30);
        plan.Select(share => share.Sampled).ShouldBe([18, 9, 3]);
        plan[0].InclusionProbability.ShouldBe(0.003);
    }

    [Fact]
    public void Whatever_the_strata_every_row_that_passed_could_be_drawn()
    {
        var counts = Gen.Choose(0, 500).ArrayOf().Select(rows => rows.Select((count, i) => new PassedCount($"s{i}", count)).ToList());
        Prop.ForAll(counts.ToArbitrary(), Gen.Choose(0, 1_000).ToArbitrary(), (passed, suspects) =>
        {
            var plan = ReviewSample.Plan(passed, suspects);
            var total = passed.Sum(stratum => stratum.Rows);
            var wanted = Math.Min(total, (long)Math.Ceiling(suspects * 0.15 / 0.85));
            return plan.Sum(share => share.Sampled) == wanted
                && plan.All(share => share.Sampled >= 1 && share.Sampled <= share.Passed && share.InclusionProbability <= 1)
                && (wanted == 0 || plan.SelectMany(share => share.Strata).Order().SequenceEqual(passed.Where(s => s.Rows > 0).Select(s => s.Stratum).Order()))
                && (wanted == 0 || plan.Sum(share => share.Passed) == total);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Without_suspects_only_the_floor_is_drawn()
    {
        ReviewSample.Plan([new("a", 100)], suspects: 0).ShouldBeEmpty();
        ReviewSample.Plan([new("a", 100)], suspects: 0, atLeast: 20).ShouldHaveSingleItem().Sampled.ShouldBe(20);
        ReviewSample.Plan([new("a", 5)], suspects: 0, atLeast: 20).ShouldHaveSingleItem().InclusionProbability.ShouldBe(1);
    }

    [Fact]
    public void Samples_have_three_of_every_twenty_places_and_not_the_same_ones()
    {
        var places = Enumerable.Range(0, 2_000).Where(place => ReviewOrder.IsSample(place, 1)).ToList();

        places.Count.ShouldBe(300);
        places.GroupBy(place => place / 20).ShouldAllBe(block => block.Count() == 3);
        places.Select(place => place % 20).Distinct().Count().ShouldBe(20);
    }

    [Fact]
    public void What_many_rows_wait_for_comes_before_what_few_do_and_after_the_first_of_each_reason()
    {
        ReviewOrder.Priority(1_199).ShouldBe(0.5 * Math.Log(1_200));
        ReviewOrder.Priority(600_000).ShouldBeGreaterThan(ReviewOrder.Priority(3));
        ReviewOrder.FirstOfItsKind.ShouldBeGreaterThan(ReviewOrder.Priority(long.MaxValue));
    }
}
