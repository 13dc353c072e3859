using Muster.Simulation.Network;

namespace Muster.Simulation;

/// <summary>The real pipeline under seeds that drive faults, timing, crashes and the clock.</summary>
public sealed class SeedTests
{
    /// <summary>Environment variable: how many seeds the ordinary test runs instead of 2,000; every fiftieth also on SQLite.</summary>
    private const string Variable = "MUSTER_SIMULATION_SEEDS";

    private static long Seeds => long.TryParse(Environment.GetEnvironmentVariable(Variable), out var seeds) ? seeds : 2_000;

    [Fact]
    public void Every_invariant_holds_in_every_seed()
    {
        var tally = Nightly.Many(1, Seeds, StoreKind.Memory, Console.WriteLine);

        Console.WriteLine(tally.Table());
        tally.Failures.ShouldBeEmpty(tally.Failures is [var first, ..] ? first.Report() : null);
        // A fault that never comes proves nothing.
        var never = from kind in Enum.GetValues<CreateFate>().Skip(1).Select(fate => $"create: {fate}")
                        .Concat(Enum.GetValues<StreamFate>().Skip(1).Select(fate => $"download: {fate}"))
                        .Concat(Enum.GetValues<GetFate>().Skip(1).Select(fate => $"retrieve: {fate}"))
                        .Concat(["process: killed", "process: paused", "process: asked to stop", "process: second one refused", "remote: foreign batch",
                            "remote: canceled by a person", "operator: cancel requested", "event: BatchAdopted", "event: BatchReleased", "event: BatchUnknown",
                            "promotion: killed at an await", "promotion: killed inside of a step", "promotion: asked to stop", "target: edited by another program"])
                    where tally.Hits(kind) == 0
                    select kind;
        never.ShouldBeEmpty();
    }

    [Fact]
    public void The_same_seeds_hold_on_the_real_store()
    {
        var tally = Nightly.Many(1, Math.Max(1, Seeds / 50), StoreKind.Sqlite, Console.WriteLine);

        Console.WriteLine($"on SQLite: {tally.Line()}");
        tally.Failures.ShouldBeEmpty(tally.Failures is [var first, ..] ? first.Report() : null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_seed_repeats_itself_to_the_last_step(bool sqlite)
    {
        var kind = sqlite ? StoreKind.Sqlite : StoreKind.Memory;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            var (first, second) = (SeedRun.Run(seed, kind), SeedRun.Run(seed, kind));
            (second.Trace.Hash, second.Steps, second.VirtualTime).ShouldBe((first.Trace.Hash, first.Steps, first.VirtualTime), $"seed {seed}");
        }
    }

    [Fact]
    public void Each_seed_of_a_night_draws_shares_of_one_whole()
    {
        for (ulong seed = 1; seed <= 200_000; seed++)
            Swarm.Draw(new Scheduling.Dice(seed)).Remote.Rates.Values.Sum().ShouldBeLessThanOrEqualTo(1, $"seed {seed}");
    }

    [Fact]
    public void A_failing_seed_says_how_to_see_it_again()
    {
        var failing = Enumerable.Range(1, 200).Select(seed => SeedRun.Run((ulong)seed, mutant: new Mutants.RetriesCreate())).First(run => run.Violation is not null);

        failing.Report().ShouldContain("PaidAtMostOnce");
        failing.Report().ShouldContain($"--seed {failing.Seed}");
        failing.Trace.Tail.Count().ShouldBeGreaterThan(5);
    }
}
