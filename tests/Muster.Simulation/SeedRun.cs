using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulation.Checks;
using Muster.Simulation.Mutants;
using Muster.Simulation.Network;
using Muster.Simulation.Promoting;
using Muster.Simulation.Scheduling;
using Muster.Simulation.Stores;
using Muster.Simulator;
using Muster.Sources;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Simulation;

internal enum StoreKind { Memory, Sqlite }

/// <summary>What a seed came to.</summary>
/// <param name="Violation">Null when every checker was content.</param>
internal sealed record Outcome(ulong Seed, StoreKind Store, ViolationException? Violation, Trace Trace, long Steps, TimeSpan VirtualTime)
{
    public string Reproduction =>
        $"dotnet exec artifacts/bin/Muster.Simulation/release/Muster.Simulation.dll --seed {Seed}{(Store == StoreKind.Sqlite ? " --sqlite" : "")}";

    public string Report() =>
        $"seed {Seed} ({Store}) fails: {Violation!.Message}\n{(Violation.InnerException is { } inner ? inner + "\n" : "")}"
        + string.Join("\n", Trace.Tail.TakeLast(40)) + $"\nAgain: {Reproduction}";
}

/// <summary>One seed: a run of the real pipeline from its first batch to its end, through everything that the seed does to it.</summary>
internal sealed class SeedRun : IDisposable
{
    /// <summary>After the faults have stopped: the slowest batch, the quiet period and the longest pauses leave far more room.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    /// <summary>A process that is killed in the middle of reading leaves its reader behind, and closing its store waits for it in real time.</summary>
    private static readonly StoreLimits Impatient = new() { LockWaitSeconds = 1 };

    private const long MostSteps = 3_000_000;

    /// <summary>Of the seeds; a promotion with its rollback takes as long as most of a run.</summary>
    private const double PromotedShare = 0.4;

    private readonly StoreKind kind;
    private readonly ulong seed;
    private readonly string folder;
    private readonly World world;
    private readonly InMemoryApi api;
    private readonly VirtualNetwork network;
    private readonly MemoryState state = new();
    private readonly Checkers checkers;
    private readonly StoreCheckers storeCheckers;
    private readonly Mutant mutant;
    private readonly Swarm swarm;
    private readonly Operator @operator;
    private readonly Dice promotionDice;
    private readonly LiveTable table;

    private SeedRun(ulong seed, StoreKind kind, Mutant mutant, Trace trace)
    {
        (this.seed, this.kind, this.mutant) = (seed, kind, mutant);
        world = new World(seed, trace);
        swarm = mutant.Adjust(Swarm.Draw(world.Random));
        folder = Path.Combine(Scenario.Folder, $"seed-{seed}-{Guid.NewGuid():N}");
        trace.Folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "archive"));
        api = InMemoryApi.Start(new SimulatorOptions
        {
            Seed = seed, StartAt = World.Beginning, Engine = "oracle", OracleFile = Scenario.Oracle, RequestsPerMinute = swarm.CallsPerMinute,
            QueuedRequests = swarm.RemoteQueue,
            TimeToEndMax = TimeSpan.FromMinutes(5),
            Faults = swarm.Remote, Wire = new WireSwitches { ReshuffleResults = true },
        });
        network = new VirtualNetwork(world, api) { Faults = swarm.Network };
        checkers = new Checkers(world, state, network, Path.Combine(folder, "archive"), () => api.Truth, Scenario.Expected, swarm.Attempts);
        storeCheckers = new StoreCheckers(world, OpenBeside, network, Path.Combine(folder, "archive"), () => api.Truth, Scenario.Expected);
        // A stream of its own: what the run draws does not depend on it.
        promotionDice = new Dice(~seed);
        table = new LiveTable(world, promotionDice, folder, swarm.Rows);
        network.OnBytes = kind == StoreKind.Memory ? checkers.IntentBeforeBytes : storeCheckers.IntentBeforeBytes;
        network.OnMessage = kind == StoreKind.Memory ? checkers.BeforeMessage : storeCheckers.BeforeMessage;
        @operator = new Operator(world, swarm, Scenario.Job(swarm, folder) with { Target = table.Spec }, folder, Launch, RunStateNow);
    }

    public static Outcome Run(ulong seed, StoreKind kind = StoreKind.Memory, Mutant? mutant = null, bool echo = false)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        var trace = new Trace { Echo = echo };
        try
        {
            using var simulation = new SeedRun(seed, kind, mutant ?? Unchanged.Instance, trace);
            simulation.Go();
            return new Outcome(seed, kind, simulation.world.Violation, trace, simulation.world.Steps, TimeSpan.FromTicks(simulation.world.Now));
        }
        catch (Exception fault)
        {
            // A night of seeds must not end at one whose world breaks.
            return new Outcome(seed, kind, new ViolationException("World", fault.Message, fault), trace, 0, TimeSpan.Zero);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Dispose()
    {
        foreach (var process in world.Processes)
            process.Kill();
        table.Dispose();
        network.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Go()
    {
        Prepare();
        @operator.Begin();
        if (swarm.ForeignMinutes > 0)
            @operator.Every(swarm.ForeignMinutes, PostForeign);
        if (swarm.CancelByHandMinutes > 0)
            @operator.Every(swarm.CancelByHandMinutes, CancelByHand);
        world.At(swarm.FaultsUntil, null, () =>
        {
            network.Faults = new NetworkFaults();
            // What the account stops goes on when a person has paid; nothing else of the remote's own ends.
            api.Faults = swarm.Remote with { Rates = swarm.Remote.Rates.Where(rate => rate.Key != "credit").ToDictionary() };
            world.Trace.Add("world", "faults stop");
        });
        var until = (swarm.FaultsUntil + Patience).Ticks;
        // Past its end, too: what is still on its way to the remote arrives and would be an orphan.
        while (world.Violation is null && world.Step())
        {
            if (world.Now > until || world.Steps > MostSteps)
                break;
        }

        if (!@operator.IsDone)
        {
            world.Violate("RunsEnd",
                $"the run stands at {@operator.Last?.ToString() ?? "its first process"} after {TimeSpan.FromTicks(world.Now)} and {world.Steps} steps");
        }

        if (world.Violation is null)
            Conclude();
        if (world.Violation is null && promotionDice.Hit(PromotedShare))
            new PromotionOperator(world, promotionDice, table, @operator.Job, mutant, RunStateNow(), OpenForPromotion).Go();
    }

    /// <summary>Another program's batch, mostly with a count that one of ours has just now.</summary>
    private void PostForeign()
    {
        var open = state.Batches.Select(batch => batch.Value).Where(batch => batch.State <= BatchState.Created).ToList();
        network.PostForeign(open.Count > 0 && world.Random.Hit(0.8) ? world.Random.Of(open).Requests : world.Random.Between(1, swarm.BatchRows));
    }

    private void CancelByHand()
    {
        if (network.Accepted.Count > 0)
            network.CancelByHand(network.Accepted[^1].Id);
    }

    /// <summary>The source's rows are in the store; what follows them is simulated.</summary>
    private void Prepare()
    {
        var job = @operator.Job;
        var store = OpenStore(null);
        var run = Now(store.OpenRunAsync(new RunOpening(job.Name, JobVersion.Of(job), JobSnapshot.ToJson(job), "full", Scenario.Fingerprint(job, swarm.Rows),
            ["sku", "name"], Chance.Seeded((int)seed).Name(6), world.UtcNow)));
        Now(store.RecordRowsAsync(run.Id, 0, Scenario.Rows(swarm.Rows), RepeatedKey.SetAside));
        Now(store.MoveRunAsync(run.Id, RunState.Running, null, world.UtcNow));
        Now(store.DisposeAsync().AsTask());
    }

    private Runner Launch(VirtualProcess process, Job job)
    {
        var held = kind == StoreKind.Memory ? DirectoryLock.Take(folder, "run", process.Time.GetUtcNow()) : null;
        var inner = OpenStore(process);
        process.OnEnd = () =>
        {
            held?.Dispose();
            LeaveFilesToTheDead();
            if (inner is SqliteStore)
                Now(inner.DisposeAsync().AsTask());
            mutant.AfterDeath(state);
        };
        var store = new SteppedStore(mutant.Live(mutant.Store(inner, state, process), table), (verb, answer) => Committed(process, verb, answer, job));
        var transport = mutant.Transport(new Wire(network, process), world, process);
        var claude = new ClaudeOptions(api.BaseUrl, new Secret("sk-sim")) { Time = process.Time };
        var options = new PipelineOptions
        {
            Time = process.Time, Chance = Chance.Seeded((int)world.Random.Next()), QuietPeriod = swarm.QuietPeriod, LongestSleep = swarm.LongestSleep,
            Progress = new Teller(world, process),
        };
        return new Runner(job, store, folder, new BatchesClient(claude, transport), options);
    }

    /// <summary>
    /// A dead process's open files are closed by the collector some time, with whatever they still hold: each half-written file
    /// becomes another one with the same content.
    /// </summary>
    private void LeaveFilesToTheDead()
    {
        foreach (var part in Directory.EnumerateFiles(Path.Combine(folder, "archive"), "*.part"))
        {
            var bytes = File.ReadAllBytes(part);
            File.Delete(part);
            File.WriteAllBytes(part, bytes);
        }
    }

    private RunState RunStateNow()
    {
        using var store = new Reopened(OpenBeside());
        return Now(store.Value.RunsAsync())[0].State;
    }

    private IStore OpenStore(VirtualProcess? process) =>
        kind == StoreKind.Memory ? mutant.Memory(state) : SqliteStore.Open(folder, "run", process?.Time ?? TimeProvider.System, Impatient);

    private SteppedStore OpenForPromotion(VirtualProcess process)
    {
        var inner = OpenStore(process);
        if (inner is SqliteStore)
            process.OnEnd = () => Now(inner.DisposeAsync().AsTask());
        return new SteppedStore(inner, (verb, _) => world.Trace.Add(process.Name, verb));
    }

    private void Committed(VirtualProcess process, string verb, object? answer, Job job)
    {
        world.Trace.Add(process.Name, verb);
        if (answer is IntendOutcome.QueueFull)
            world.Trace.Count("limit: queued requests");
        if (answer is IntendOutcome.OverCap)
            world.Trace.Count("limit: cap reached");
        table.LookUntouched(verb);
        if (kind != StoreKind.Memory)
        {
            storeCheckers.AfterCommit(verb);
            return;
        }

        checkers.AfterCommit(verb);
        if (verb == "IntendBatch" && job.Budget.Usd is { } cap)
            checkers.SpendCapped(Usd.ToPico(cap));
    }

    private void Conclude()
    {
        world.Trace.Count($"end: {@operator.Last}");
        foreach (var process in world.Processes)
            process.Kill();
        if (kind == StoreKind.Memory)
        {
            checkers.AtEnd();
            ResultsReplay();
        }
        else
        {
            storeCheckers.AtEnd();
        }

        ReplayIsNoOp();
    }

    /// <summary>G4: every result once more changes nothing.</summary>
    private void ResultsReplay()
    {
        var before = checkers.StateHash();
        var store = mutant.Memory(state);
        foreach (var results in state.Requests.Where(request => request.Result is not null).GroupBy(request => request.BatchId).ToList())
            Now(store.RecordResultsAsync(results.Key, [.. results.Select(request => request.Result!)]));
        world.Trace.Count(FaultMatrix.Checked("ResultsReplay"));
        if (checkers.StateHash() != before)
            world.Violate("ResultsReplay", "applying every result again changed the state");
    }

    /// <summary>G4: a finished command again looks at the list, sends nothing and changes nothing.</summary>
    private void ReplayIsNoOp()
    {
        if (@operator.Last != RunOutcome.Done)
            return;
        world.BeforeStep = null;
        network.Faults = new NetworkFaults();
        var (writes, before) = (network.Writes, kind == StoreKind.Memory ? checkers.StateHash() : "");
        var process = new VirtualProcess(world, "again");
        var runner = new Runner(@operator.Job, OpenStore(process), folder, new BatchesClient(
            new ClaudeOptions(api.BaseUrl, new Secret("sk-sim")) { Time = process.Time }, new Wire(network, process)), new PipelineOptions { Time = process.Time });
        Task<RunEnd>? running = null;
        process.Post(_ => running = runner.RunAsync(), null);
        while (running is not { IsCompleted: true } && world.Step())
        {
        }

        var end = Now(running!);
        world.Trace.Count(FaultMatrix.Checked("ReplayIsNoOp"));
        if (end.Outcome != RunOutcome.NothingToDo || network.Writes != writes || (kind == StoreKind.Memory && checkers.StateHash() != before))
            world.Violate("ReplayIsNoOp", $"running again ended {end.Outcome} after {network.Writes - writes} calls that may change something");
        process.Kill();
        Now(runner.DisposeAsync().AsTask());
    }

    private IStore OpenBeside() =>
        kind == StoreKind.Memory ? new MemoryStore(state) : SqliteStore.OpenForReading(folder)!;

    private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Now(Task task) => task.GetAwaiter().GetResult();

    private sealed class Reopened(IStore value) : IDisposable
    {
        public IStore Value => value;

        public void Dispose() => Now(value.DisposeAsync().AsTask());
    }

    private sealed class Teller(World world, VirtualProcess process) : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            world.Trace.Count($"event: {value.Kind}");
            world.Trace.Add(process.Name, $"{value.Kind} {value.Batch} {value.Text}");
        }
    }
}
