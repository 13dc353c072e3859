namespace Muster.Simulation.Scheduling;

/// <summary>
/// One thread, one clock, one source of chance. It runs a continuation of some process that is ready, or an event that is due; when
/// neither is there it moves the clock to the next event. Events run with no synchronization context: a reply that completes inside
/// one resumes library code on this thread and not on the pool's.
/// </summary>
internal sealed class World
{
    private readonly PriorityQueue<Happening, (long Due, long Order)> agenda = new();
    private readonly List<VirtualProcess> ready = [];
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long order;

    public World(ulong seed, Trace trace)
    {
        Random = new Dice(seed);
        Trace = trace;
        trace.Clock = () => Now;
    }

    /// <summary>Ticks since the beginning of the world.</summary>
    public long Now { get; private set; }

    public static DateTimeOffset Beginning { get; } = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);

    public DateTimeOffset UtcNow => Beginning.AddTicks(Now);

    public Dice Random { get; }

    public Trace Trace { get; }

    public List<VirtualProcess> Processes { get; } = [];

    public long Steps { get; private set; }

    /// <summary>The first thing that was seen and must not be.</summary>
    public ViolationException? Violation { get; private set; }

    public void Violate(string checker, string what) => Violation ??= new ViolationException(checker, what);

    /// <summary>Looks at a process before one of its continuations runs, and may kill or pause it.</summary>
    public Action<VirtualProcess>? BeforeStep { get; set; }

    /// <summary>Runs <paramref name="action"/> later. An event of a process dies with it, and waits while it is paused.</summary>
    public Happening At(TimeSpan delay, VirtualProcess? owner, Action action)
    {
        var happening = new Happening(owner, action);
        agenda.Enqueue(happening, (Now + Math.Max(0, delay.Ticks), order++));
        return happening;
    }

    public void Ready(VirtualProcess process)
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            Violate("OneThread", "a continuation came from the thread pool: library code left the simulation's thread");
            return;
        }

        if (!process.IsListed && process.IsRunnable)
        {
            process.IsListed = true;
            ready.Add(process);
        }
    }

    /// <summary>One step; false when nothing will ever happen again.</summary>
    public bool Step()
    {
        Steps++;
        while (ready.Count > 0)
        {
            var at = ready.Count == 1 ? 0 : Random.Below(ready.Count);
            var process = ready[at];
            if (process is { IsRunnable: true, HasReady: true })
                BeforeStep?.Invoke(process);
            if (process is { IsRunnable: true, HasReady: true })
            {
                process.RunOne(Random);
                if (process is { IsRunnable: true, HasReady: true })
                    return true;
            }

            process.IsListed = false;
            ready.Remove(process);
            if (process.IsRunnable)
                return true;
        }

        return NextEvent();
    }

    private bool NextEvent()
    {
        while (agenda.TryDequeue(out var next, out var key))
        {
            if (next.IsCanceled || next.Owner is { IsDead: true })
                continue;
            if (next.Owner is { PausedUntil: { } until } && until > key.Due)
            {
                agenda.Enqueue(next, (until, order++));
                continue;
            }

            Now = Math.Max(Now, key.Due);
            next.Action();
            return true;
        }

        return false;
    }
}

internal sealed class Happening(VirtualProcess? owner, Action action)
{
    public VirtualProcess? Owner { get; } = owner;

    public Action Action { get; } = action;

    public bool IsCanceled { get; private set; }

    public void Cancel() => IsCanceled = true;
}

/// <summary>Something that must never be so.</summary>
internal sealed class ViolationException(string checker, string what, Exception? inner = null) : Exception($"{checker}: {what}", inner)
{
    public string Checker { get; } = checker;
}
