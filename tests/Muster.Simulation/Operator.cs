using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;
using Muster.Simulation.Scheduling;
using Muster.Stores;

namespace Muster.Simulation;

/// <summary>Whoever keeps the run going: starts a process when none lives, and does what stops and kills and surprises processes.</summary>
internal sealed class Operator
{
    private const int MostRestartsInPeace = 60;

    private readonly World world;
    private readonly Swarm swarm;
    private readonly string folder;
    private readonly Func<VirtualProcess, Job, Runner> launch;
    private readonly Func<RunState> runState;
    private readonly Dictionary<VirtualProcess, CancellationTokenSource> stops = [];
    private int started;
    private int restartsInPeace;

    public Operator(World world, Swarm swarm, Job job, string folder, Func<VirtualProcess, Job, Runner> launch, Func<RunState> runState)
    {
        (this.world, this.swarm, Job, this.folder, this.launch, this.runState) = (world, swarm, job, folder, launch, runState);
        world.BeforeStep = Trouble;
    }

    public Job Job { get; private set; }

    /// <summary>Where the last process that ended by itself left the run.</summary>
    public RunOutcome? Last { get; private set; }

    public bool IsDone => Last is RunOutcome.Done or RunOutcome.Canceled;

    private bool InPeace => world.Now >= swarm.FaultsUntil.Ticks;

    public void Begin()
    {
        Start();
        if (swarm.SecondProcessMinutes > 0)
            Every(swarm.SecondProcessMinutes, Start);
        if (swarm.CancelRunAt is { } at)
        {
            world.At(at, null, () =>
            {
                world.Trace.Count("operator: cancel requested");
                world.Trace.Add("operator", "requests to cancel the run");
                new CancelRequests(folder).Request("r-1");
            });
        }
    }

    /// <summary>Repeats with about so many minutes between, until the faults stop.</summary>
    public void Every(double minutes, Action action)
    {
        world.At(world.Random.Seconds(1, minutes * 120), null, () =>
        {
            if (InPeace || IsDone)
                return;
            action();
            Every(minutes, action);
        });
    }

    private void Start()
    {
        // A command for a finished run would begin another one, or end at once.
        if (runState() is var state && RunStates.IsFinal(state))
            Last = state == RunState.Done ? RunOutcome.Done : RunOutcome.Canceled;
        if (IsDone || world.Violation is not null)
            return;
        var clockError = world.Random.Seconds(-60 * swarm.ClockErrorMinutes, 60 * swarm.ClockErrorMinutes);
        var process = new VirtualProcess(world, $"p{++started}", clockError);
        Runner runner;
        try
        {
            runner = launch(process, Job);
        }
        catch (StoreHeldException)
        {
            world.Trace.Count("process: second one refused");
            world.Trace.Add(process.Name, "refused: the store is held");
            process.Kill();
            return;
        }

        world.Trace.Count("process: started");
        if (clockError != TimeSpan.Zero)
            world.Trace.Count("process: wrong clock");
        world.Trace.Add(process.Name, "starts");
        var stop = stops[process] = new CancellationTokenSource();
        process.Post(_ => _ = RunAsync(process, runner, stop.Token), null);
    }

    private async Task RunAsync(VirtualProcess process, Runner runner, CancellationToken stop)
    {
        try
        {
            var end = await runner.RunAsync(stop);
            Last = end.Outcome == RunOutcome.NothingToDo ? RunOutcome.Done : end.Outcome;
            world.Trace.Add(process.Name, $"ends: {end.Outcome} {end.Why}");
            if (end.Outcome == RunOutcome.Unbalanced && InPeace && restartsInPeace > 3)
                world.Violate("RunsEnd", $"the run is held without faults: {end.Why}");
            if (end.Outcome == RunOutcome.Paused && end.Why!.StartsWith(Muster.Verdicts.Reasons.CostCap, StringComparison.Ordinal))
                Job = Job with { Budget = Job.Budget with { Usd = Job.Budget.Usd * 2 } };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            world.Trace.Add(process.Name, "stops as asked");
        }
        catch (ClaudeException refusal) when (!InPeace || restartsInPeace <= 3)
        {
            world.Trace.Count("process: refused at first contact");
            world.Trace.Add(process.Name, $"refused: {refusal.Message}");
        }
        catch (Exception problem)
        {
            world.Violate("NoCrash", $"{process.Name} ended with {problem}");
        }

        process.Exit();
        Again();
    }

    private void Again()
    {
        if (IsDone)
            return;
        if (InPeace && ++restartsInPeace > MostRestartsInPeace)
            world.Violate("RunsEnd", $"the run still stops after {restartsInPeace} restarts without faults");
        world.At(world.Random.Seconds(0, 180), null, Start);
    }

    private void Trouble(VirtualProcess process)
    {
        if (InPeace)
            return;
        if (world.Random.Hit(swarm.Kill))
        {
            world.Trace.Count("process: killed");
            world.Trace.Add(process.Name, "is killed");
            process.Kill();
            Again();
        }
        else if (world.Random.Hit(swarm.Pause))
        {
            var length = world.Random.Seconds(0.5, 60 * swarm.PauseMinutes);
            world.Trace.Count("process: paused");
            world.Trace.Add(process.Name, $"stands still for {length.TotalSeconds:0.0} s");
            process.Pause(length);
        }
        else if (world.Random.Hit(swarm.Stop) && stops[process] is { IsCancellationRequested: false } stop)
        {
            world.Trace.Count("process: asked to stop");
            world.Trace.Add(process.Name, "is asked to stop");
            world.At(TimeSpan.Zero, process, stop.Cancel);
        }
    }
}
