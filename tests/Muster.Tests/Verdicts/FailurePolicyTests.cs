using FsCheck;
using FsCheck.Fluent;
using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Tests.Verdicts;

public sealed class FailurePolicyTests
{
    private static IEnumerable<(Cause Cause, Tried Tried, PolicyLimits Limits)> Everything() =>
        from cause in Enum.GetValues<Cause>()
        from tiers in new[] { 1, 2, 3 }
        from tier in Enumerable.Range(0, tiers)
        from attempts in new[] { 1, 2, 6 }
        from spent in Enumerable.Range(1, attempts)
        from tries in Enumerable.Range(0, spent + 1)
        from variant in Enum.GetValues<VariantKind>()
        from violation in Enum.GetValues<OnViolation>()
        from hasLane in new[] { false, true }
        select (cause, new Tried(tier, spent, tries, variant), new PolicyLimits(tiers, attempts, violation, hasLane));

    [Fact]
    public void Every_cause_in_every_history_goes_where_the_table_says()
    {
        foreach (var (cause, tried, limits) in Everything())
        {
            var next = FailurePolicy.Decide(cause, tried, limits);
            var again = tried.Spent < limits.Attempts;
            var up = again && tried.Tier + 1 < limits.Tiers;
            var first = again && tried.Tries <= 1;
            var lane = limits.HasLane && tried.Spent == limits.Attempts;
            var at = $"{cause} {tried} {limits}: {next}";

            next.PausesRun.ShouldBe(cause == Cause.Account, at);
            next.Tier.ShouldBeInRange(tried.Tier, Math.Min(tried.Tier + 1, limits.Tiers - 1), at);
            if (next.Tier > tried.Tier)
                (next.State, next.Variant).ShouldBe((RowState.Pending, VariantKind.Same), at);
            next.State.ShouldNotBe(RowState.InFlight, at);
            switch (cause)
            {
                case Cause.Accepted or Cause.Unscored:
                    next.State.ShouldBe(RowState.Succeeded, at);
                    break;
                case Cause.HumanRequested or Cause.Refusal:
                    next.State.ShouldBe(RowState.HumanQueued, at);
                    break;
                case Cause.RequestInvalid or Cause.NotFound or Cause.ContextWindow:
                    next.State.ShouldBe(RowState.Quarantined, at);
                    break;
                case Cause.CanceledByUs:
                    next.State.ShouldBe(RowState.Canceled, at);
                    break;
                case Cause.Account:
                    next.ShouldBe(new Disposition(RowState.Pending, tried.Tier, tried.Variant) { PausesRun = true }, at);
                    break;
                case Cause.NotTaken:
                    next.ShouldBe(new Disposition(RowState.Pending, tried.Tier, tried.Variant), at);
                    break;
                case Cause.ReplyLost:
                    next.ShouldBe(new Disposition(RowState.Errored, tried.Tier, tried.Variant), at);
                    break;
                case Cause.RateLimited or Cause.Overloaded or Cause.ServerError:
                    next.ShouldBe(new Disposition(again || lane ? RowState.Pending : RowState.Errored, tried.Tier, tried.Variant), at);
                    break;
                case Cause.Expired:
                    next.ShouldBe(new Disposition(again || lane ? RowState.Pending : RowState.Expired, tried.Tier, tried.Variant), at);
                    break;
                case Cause.CanceledByRemote:
                    next.ShouldBe(new Disposition(again || lane ? RowState.Pending : RowState.Canceled, tried.Tier, tried.Variant), at);
                    break;
                case Cause.PauseTurn or Cause.ToolUse or Cause.Empty:
                    next.State.ShouldBe(first ? RowState.Pending : RowState.Quarantined, at);
                    next.Tier.ShouldBe(tried.Tier, at);
                    break;
                case Cause.MaxTokens:
                    Ladder(next, first && tried.Variant != VariantKind.LargerCap ? VariantKind.LargerCap : null, up, tried, at);
                    break;
                case Cause.NotJson:
                    Ladder(next, first ? tried.Variant : null, up, tried, at);
                    break;
                case Cause.Schema or Cause.EnumUnknown:
                    Ladder(next, first && limits.OnViolation == OnViolation.Reask ? VariantKind.Reask : null, up, tried, at);
                    break;
                default:
                    Assert.Fail($"{cause} is in no row of the table");
                    break;
            }
        }
    }

    private static void Ladder(Disposition next, VariantKind? once, bool up, Tried tried, string at) =>
        next.ShouldBe(once is { } variant ? new Disposition(RowState.Pending, tried.Tier, variant)
            : up ? new Disposition(RowState.Pending, tried.Tier + 1, VariantKind.Same)
            : new Disposition(RowState.Quarantined, tried.Tier, tried.Variant), at);

    [Fact]
    public void Whatever_comes_back_a_row_ends_within_its_attempts()
    {
        var causes = Gen.Elements(Enum.GetValues<Cause>().Where(FailurePolicy.Counts).ToArray()).ListOf(20);
        Prop.ForAll(causes.ToArbitrary(), Gen.Choose(1, 8).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (sequence, attempts, tiers) =>
        {
            var limits = new PolicyLimits(tiers, attempts, OnViolation.Reask, HasLane: true);
            int spent = 0, tries = 0, tier = 0;
            var variant = VariantKind.Same;
            foreach (var cause in sequence)
            {
                spent++;
                tries += FailurePolicy.IsTry(cause) ? 1 : 0;
                var next = FailurePolicy.Decide(cause, new Tried(tier, spent, tries, variant), limits);
                if (next.State != RowState.Pending)
                {
                    spent.ShouldBeLessThanOrEqualTo(attempts + FailurePolicy.MostLaneTries, "all attempts in batches, and those in the lane");
                    return;
                }

                tries = next.Tier == tier ? tries : 0;
                (tier, variant) = (next.Tier, next.Variant);
            }

            Assert.Fail($"still pending after {spent} of {attempts} requests");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void The_lane_answers_once_and_is_tried_a_few_times_by_what_the_service_did_not_take()
    {
        var limits = new PolicyLimits(2, 3, OnViolation.Reask, HasLane: true);

        RowState After(Cause cause, int spent) => FailurePolicy.Decide(cause, new Tried(1, spent, 0, VariantKind.Same), limits).State;

        (After(Cause.Expired, 3), After(Cause.Expired, 4)).ShouldBe((RowState.Pending, RowState.Expired));
        (After(Cause.ServerError, 3), After(Cause.ServerError, 4)).ShouldBe((RowState.Pending, RowState.Errored));
        (After(Cause.Overloaded, 7), After(Cause.Overloaded, 8)).ShouldBe((RowState.Pending, RowState.Errored));
        (After(Cause.Schema, 3), After(Cause.Schema, 4)).ShouldBe((RowState.Quarantined, RowState.Quarantined));
    }

    [Fact]
    public void Only_what_nobody_took_does_not_count_and_every_cause_has_a_reason()
    {
        foreach (var cause in Enum.GetValues<Cause>())
        {
            FailurePolicy.Counts(cause).ShouldBe(cause is not (Cause.Account or Cause.NotTaken or Cause.Unscored));
            (FailurePolicy.ReasonOf(cause).Length > 0).ShouldBe(cause != Cause.Accepted);
        }

        FailurePolicy.FaultOf(Cause.Account).ShouldBe(Fault.Account);
        FailurePolicy.IsTry(Cause.Overloaded).ShouldBeFalse();
        FailurePolicy.IsTry(Cause.NotJson).ShouldBeTrue();
    }
}
