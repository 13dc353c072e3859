namespace Muster.Simulation.Scheduling;

/// <summary>A process: what it awaits resumes here, one continuation at a time, as long as it lives.</summary>
internal sealed class VirtualProcess : SynchronizationContext
{
    private readonly World world;
    private readonly List<(SendOrPostCallback Callback, object? State)> waiting = [];
    private Happening? resume;

    public VirtualProcess(World world, string name, TimeSpan clockError = default)
    {
        this.world = world;
        Name = name;
        Time = new VirtualTime(world, this, clockError);
        world.Processes.Add(this);
    }

    public string Name { get; }

    public VirtualTime Time { get; }

    public bool IsDead { get; private set; }

    /// <summary>Ticks; null unless it is stopped as by SIGSTOP.</summary>
    public long? PausedUntil { get; private set; }

    public bool IsRunnable => !IsDead && PausedUntil is null;

    public bool HasReady => waiting.Count > 0;

    public bool IsListed { get; set; }

    /// <summary>What the operating system does when a process ends, however it ends.</summary>
    public Action? OnEnd { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsDead)
            return;
        waiting.Add((d, state));
        world.Ready(this);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing in the product blocks.");

    public override SynchronizationContext CreateCopy() => this;

    public void RunOne(Dice random)
    {
        var at = waiting.Count == 1 ? 0 : random.Below(waiting.Count);
        var (callback, state) = waiting[at];
        waiting.RemoveAt(at);
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }

    /// <summary>SIGKILL: nothing of it runs again, no finally block either.</summary>
    public void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        waiting.Clear();
        OnEnd?.Invoke();
    }

    /// <summary>It ended by itself.</summary>
    public void Exit() => Kill();

    public void Pause(TimeSpan length)
    {
        PausedUntil = world.Now + length.Ticks;
        resume?.Cancel();
        resume = world.At(length, null, () =>
        {
            PausedUntil = null;
            if (!IsDead && HasReady)
                world.Ready(this);
        });
    }
}
