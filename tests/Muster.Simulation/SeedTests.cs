using System.Reflection;

namespace Muster.Simulation;

/// <summary>The real pipeline under seeds that drive faults, timing, crashes and the clock.</summary>
public sealed class SeedTests
{
    /// <summary>Environment variable: how many seeds the ordinary test runs instead of 2,000; every fiftieth also on SQLite.</summary>
    private const string Variable = "MUSTER_SIMULATION_SEEDS";

    private const long UsualSeeds = 2_000;

    private static long Seeds => long.TryParse(Environment.GetEnvironmentVariable(Variable), out var seeds) ? seeds : UsualSeeds;

    [Fact]
    public void Every_invariant_holds_in_every_seed()
    {
        var tally = Nightly.Many(1, Seeds, StoreKind.Memory, Console.WriteLine);

        Console.WriteLine(tally.Table());
        tally.Failures.ShouldBeEmpty(tally.Failures is [var first, ..] ? first.Report() : null);
        // A fault that never comes proves nothing; the rare ones need as many seeds as the test has of itself.
        var never = from kind in FaultMatrix.Kinds.Concat(["event: BatchAdopted", "event: BatchReleased", "event: BatchUnknown"])
                    where Seeds >= UsualSeeds && tally.Hits(kind) == 0
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

    /// <summary>What is set once, or by the mutants alone, and what the remote can do and no seed asks for; docs/simulation.md says why.</summary>
    private static readonly string[] NotDrawn =
    [
        "QuietPeriod", "Network.GhostSeconds",
        "Remote.Seed", "Remote.Models", "Remote.Rows", "Remote.Calls", "Remote.ExpireWithoutWait", "Remote.KeyRevoked", "Remote.NotFoundAfterCreateSeconds",
        "Remote.TakesSeconds", "Remote.LiveCounts", "Remote.Cancel", "Remote.Lines.Swapped",
    ];

    [Fact]
    public void Each_strength_differs_between_seeds()
    {
        var drawn = Enumerable.Range(1, 2_000).Select(seed => Swarm.Draw(new Scheduling.Dice((ulong)seed))).ToList();

        var constant = Constant("", drawn).Concat(Constant("Network.", drawn.Select(swarm => swarm.Network)))
            .Concat(Constant("Remote.", drawn.Select(swarm => swarm.Remote))).Concat(Constant("Remote.Lines.", drawn.Select(swarm => swarm.Remote.Lines)));

        constant.ShouldBe(NotDrawn, ignoreOrder: true);

        static IEnumerable<string> Constant<T>(string owner, IEnumerable<T> values) => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => values.Select(value => property.GetValue(value)).Distinct().Take(2).Count() == 1).Select(property => owner + property.Name);
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

        failing.Report().ShouldContain(failing.Violation!.Checker);
        failing.Report().ShouldContain($"--seed {failing.Seed}");
        failing.Trace.Tail.Count().ShouldBeGreaterThan(5);
    }
}
