using Muster.Pilots;
using Muster.Runs;

namespace Muster.Tests.Pilots;

public sealed class PilotJudgeTests
{
    private static readonly PilotTier Haiku = new(1, "claude-haiku-4-5", 300, 64_000);
    private static readonly PilotCourse Course = new(600_000, 200_000, [TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(10)], 0.9, 1);

    [Fact]
    public void Rows_that_go_to_people_by_design_count_neither_way()
    {
        var report = Judge([Row(RowState.Succeeded), Row(RowState.HumanQueued, "HUM.REQUESTED"), Row(RowState.HumanQueued, "GEN.REFUSAL"), Row(RowState.Quarantined, "SHP.NOT_JSON")]);

        (report.All.Passed, report.All.Of).ShouldBe((1, 3));
        report.All.Interval.ShouldBe(new Bounds(1, 3));
        report.Strata.ShouldBe([new StratumPass(Stratum.Random, 1, 3, 1)]);
        report.Reasons.Select(reason => reason.Reason).ShouldBe(["GEN.REFUSAL", "HUM.REQUESTED", "SHP.NOT_JSON"]);
    }

    [Theory]
    [InlineData(9, 1, nameof(PilotVerdict.Reached))]
    [InlineData(8, 2, nameof(PilotVerdict.Missed))]
    [InlineData(0, 0, nameof(PilotVerdict.NotJudged))]
    public void The_verdict_is_the_share_of_all_rows(int passed, int failed, string verdict)
    {
        var rows = Enumerable.Repeat(Row(RowState.Succeeded), passed).Concat(Enumerable.Repeat(Row(RowState.Quarantined, "SHP.NOT_JSON"), failed)).ToList();

        Judge(rows).Verdict.ToString().ShouldBe(verdict);
    }

    [Fact]
    public void The_estimate_of_the_full_run_is_made_of_the_random_rows_alone()
    {
        var rows = Enumerable.Range(0, 30).Select(i => Row(RowState.Succeeded, cost: 100 + i)).Append(Row(RowState.Quarantined, "SHP.NOT_JSON", 1_000_000, Stratum.Joke)).ToList();
        var report = Judge(rows);

        report.Random.Of.ShouldBe(30);
        report.All.Of.ShouldBe(31);
        var cost = report.Cost.ShouldNotBeNull();
        cost.PicoUsd.ShouldBe(114.5m * 600_000);
        cost.Low.ShouldBeInRange(110m * 600_000, cost.PicoUsd);
        cost.High.ShouldBeInRange(cost.PicoUsd, 119m * 600_000);
        report.Notes.ShouldContain("All 30 random rows passed; up to 10 % of the source may still fail (95 %, one-sided).");
    }

    [Fact]
    public void The_interval_of_the_cost_holds_the_truth_about_as_often_as_it_says()
    {
        var random = new Random(3);
        var held = 0;
        for (var i = 0; i < 200; i++)
        {
            var rows = Enumerable.Range(0, 30).Select(_ => Row(RowState.Succeeded, cost: random.Next(0, 2_001))).ToList();
            var cost = PilotJudge.Judge(rows, [], [Haiku], Course with { FullRows = 1, Seed = (ulong)i }, (_, _) => default).Cost!;
            held += cost.Low <= 1_000 && cost.High >= 1_000 ? 1 : 0;
        }

        held.ShouldBeInRange(178, 199);
    }

    [Fact]
    public void Few_random_rows_project_nothing()
    {
        var report = Judge(Enumerable.Repeat(Row(RowState.Succeeded), PilotJudge.MinRandomRows - 1).ToList());

        report.Cost.ShouldBeNull();
        report.Notes.ShouldContain(note => note.StartsWith("9 random rows: too few", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, 0, 150)]
    [InlineData(101, 0, 200)]
    [InlineData(10, 0, 50)]
    [InlineData(300, 1, 600)]
    [InlineData(0, 0, 300)]
    [InlineData(60_000, 1, 64_000)]
    public void The_proposed_cap_follows_the_stated_rule(int longest, long cut, int proposed)
    {
        PilotJudge.ProposedMaxTokens(Haiku, longest, cut).ShouldBe(proposed);
    }

    [Fact]
    public void Percentiles_are_values_that_occurred()
    {
        var answers = Enumerable.Range(1, 100).Select(i => new PilotAnswer(1, i, WasCut: false)).Append(new PilotAnswer(2, 9_999, WasCut: true)).ToList();
        var tokens = PilotJudge.Judge([], answers, [Haiku], Course, (_, _) => default).Tokens.ShouldHaveSingleItem();

        (tokens.Answers, tokens.Cut, tokens.P50, tokens.P95, tokens.P99, tokens.Max, tokens.Proposed).ShouldBe((100, 0, 50, 95, 99, 100, 150));
    }

    [Fact]
    public void Time_lies_between_the_pilots_own_and_the_remotes_limit()
    {
        Judge([Row(RowState.Succeeded)]).Time.ShouldBe(new TimeProjection(TimeSpan.FromMinutes(90), TimeSpan.FromHours(144), 3, 2));
    }

    [Fact]
    public void Stages_go_from_smoke_to_full()
    {
        PilotStages.RowsOf(PilotStage.Smoke, 100).ShouldNotBeNull().ShouldBeInRange(5, 10);
        PilotStages.RowsOf(PilotStage.Pilot, 120).ShouldBe(120);
        PilotStages.RowsOf(PilotStage.Dry, 100).ShouldBe(500);
        PilotStages.RowsOf(PilotStage.Full, 100).ShouldBeNull();
        PilotStages.After(PilotStage.Smoke).ShouldBe(PilotStage.Pilot);
        PilotStages.After(PilotStage.Full).ShouldBeNull();
    }

    private static PilotReport Judge(IReadOnlyList<PilotRow> rows) => PilotJudge.Judge(rows, [], [Haiku], Course, (hits, of) => new Bounds(hits, of));

    private static PilotRow Row(RowState state, string? reason = null, long cost = 1, Stratum stratum = Stratum.Random) => new("k", stratum, state, reason, cost);
}
