using Muster.Simulation.Mutants;

namespace Muster.Simulation;

/// <summary>A simulation that convicts none of these has gone blind.</summary>
public sealed class MutantTests
{
    private const ulong MostSeeds = 200;

    [Fact]
    public void A_submit_without_intent_is_convicted() => ShouldBeConvicted(new SubmitsWithoutIntent(), "PaidAtMostOnce", "NoOrphan");

    [Fact]
    public void A_create_that_is_sent_again_is_convicted() => ShouldBeConvicted(new RetriesCreate(), "PaidAtMostOnce", "NoOrphan");

    [Fact]
    public void A_lost_reply_taken_for_a_no_is_convicted() => ShouldBeConvicted(new TakesSilenceForNo(), "PaidAtMostOnce", "NoOrphan");

    [Fact]
    public void A_synchronous_call_that_is_made_again_is_convicted() => ShouldBeConvicted(new CallsAgain(), "CalledAtMostOnce");

    [Fact]
    public void Results_applied_twice_are_convicted() => ShouldBeConvicted(new AppliesResultsTwice(), "EachRowOneState", "TokensRight", "TerminalStays", "ResultsReplay");

    [Fact]
    public void A_join_by_position_is_convicted() => ShouldBeConvicted(new JoinsByPosition(), "JoinedByKey");

    [Fact]
    public void Forgotten_expired_rows_are_convicted() => ShouldBeConvicted(new ForgetsTheExpired(), "RunsEnd");

    [Fact]
    public void Expired_rows_that_are_not_asked_again_are_convicted() => ShouldBeConvicted(new EndsTheExpired(), "OnlySpentRowsFail");

    [Fact]
    public void A_quiet_period_of_two_minutes_is_convicted() => ShouldBeConvicted(new BelievesAbsenceSoon(TimeSpan.FromMinutes(2)), "PaidAtMostOnce", "NoOrphan");

    [Fact]
    public void Absence_believed_at_once_is_convicted() => ShouldBeConvicted(new BelievesAbsenceSoon(TimeSpan.FromSeconds(1)), "PaidAtMostOnce", "NoOrphan");

    [Fact]
    public void An_adoption_without_proof_is_convicted() => ShouldBeConvicted(new AdoptsWithoutProof(), "RunsEnd", "LinesAccounted", "ForeignUntouched");

    [Fact]
    public void An_open_gate_is_convicted() => ShouldBeConvicted(new LeavesTheGateOpen(), "IntentBeforeBytes");

    [Fact]
    public void Answers_that_are_live_as_they_come_are_convicted() => ShouldBeConvicted(new WritesAsItGoes(), "NothingLiveWithoutPromotion");

    [Fact]
    public void A_promotion_in_two_transactions_is_convicted() => ShouldBeConvicted(new CommitsInTwo(), "NothingLiveWithoutPromotion");

    [Fact]
    public void A_plan_that_is_applied_again_is_convicted() => ShouldBeConvicted(new AppliesAgain(), "PromotionReplays");

    [Fact]
    public void A_rollback_over_the_edits_of_others_is_convicted() => ShouldBeConvicted(new RollsBackEverything(), "RollbackSparesOthers");

    [Fact]
    public void Wrong_answers_are_seen_as_they_are_staged()
    {
        ShouldBeSeenOnTheWay(new JoinsByPosition(), StoreKind.Memory, "JoinedByKey");
        ShouldBeSeenOnTheWay(new JoinsByPosition(), StoreKind.Sqlite, "JoinedByKey");
    }

    [Fact]
    public void Rows_that_end_early_are_seen_as_they_end() => ShouldBeSeenOnTheWay(new EndsTheExpired(), StoreKind.Memory, "OnlySpentRowsFail");

    [Fact]
    public void An_open_gate_is_seen_on_SQLite() => ShouldBeSeenOnTheWay(new LeavesTheGateOpen(), StoreKind.Sqlite, "IntentBeforeBytes");

    /// <summary>In the first seed that it shows in, and before the run's end.</summary>
    private static void ShouldBeSeenOnTheWay(Mutant mutant, StoreKind kind, string checker)
    {
        var outcome = Enumerable.Range(1, 20).Select(seed => SeedRun.Run((ulong)seed, kind, mutant)).First(run => run.Violation is not null);

        outcome.Violation!.Checker.ShouldBe(checker, outcome.Violation.Message);
        outcome.Trace.Counts.Keys.ShouldNotContain(count => count.StartsWith("end: ", StringComparison.Ordinal));
    }

    private static void ShouldBeConvicted(Mutant mutant, params string[] checkers)
    {
        for (ulong seed = 1; seed <= MostSeeds; seed++)
        {
            if (SeedRun.Run(seed, mutant: mutant).Violation is not { } violation)
                continue;
            checkers.ShouldContain(violation.Checker, $"seed {seed}: {violation.Message}");
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {violation.Message}");
            return;
        }

        Assert.Fail($"{mutant.GetType().Name} passed {MostSeeds} seeds");
    }
}
