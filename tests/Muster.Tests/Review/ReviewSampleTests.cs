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
    public void Priority_rises_with_worth_doubt_reach_and_age()
    {
        var weights = new PriorityWeights(1, 1, 1, 1);
        var facts = new PriorityFacts(0, 1, 0, TimeSpan.Zero);

        ReviewOrder.Priority(facts, weights).ShouldBe(0);
        ReviewOrder.Priority(facts with { Weight = 0.5 }, weights).ShouldBe(0.5);
        ReviewOrder.Priority(facts with { Probability = 0.5 }, weights).ShouldBe(1);
        ReviewOrder.Priority(facts with { IssueRows = 1_199 }, weights).ShouldBe(Math.Log(1_200));
        ReviewOrder.Priority(facts with { Age = TimeSpan.FromDays(2) }, weights).ShouldBe(2);
    }

    [Fact]
    public void One_item_of_each_issue_comes_first()
    {
        ReviewItem Item(string id, string? issue, double priority) => new() { Id = id, RowKey = id, Kind = ReviewKind.Quarantine, IssueId = issue, Priority = priority };
        var sorted = ReviewOrder.Sort([Item("a", "Q-1", 9), Item("b", "Q-1", 8), Item("c", "Q-2", 1), Item("d", null, 0.5), Item("e", null, 0.5)]);

        sorted.Select(item => item.Id).ShouldBe(["a", "c", "d", "e", "b"]);
    }
}
