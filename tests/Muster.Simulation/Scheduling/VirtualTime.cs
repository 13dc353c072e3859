namespace Muster.Simulation.Scheduling;

/// <summary>A process's clocks: the monotonic one is the world's, the wall clock may be wrong by a constant.</summary>
internal sealed class VirtualTime(World world, VirtualProcess process, TimeSpan error) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => world.Now;

    public override DateTimeOffset GetUtcNow() => world.UtcNow + error;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(world, process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(World world, VirtualProcess process, Action callback) : ITimer
    {
        private Happening? next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            next?.Cancel();
            next = null;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                // Delays are cut to whole milliseconds on their way here; a timer of the system never fires in no time either.
                next = world.At(dueTime + TimeSpan.FromMilliseconds(1), process, () =>
                {
                    callback();
                    if (period > TimeSpan.Zero)
                        Change(period, period);
                });
            }

            return true;
        }

        public void Dispose() => next?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
