namespace Muster.Simulator;

/// <summary>
/// The simulator's time: start + real time × speed + what was advanced by hand. Hand it to a client as its
/// <see cref="TimeProvider"/> and both live through the same hours.
/// </summary>
public sealed class VirtualClock : TimeProvider
{
    private readonly TimeProvider _real;
    private readonly DateTimeOffset _start;
    private readonly double _speed;
    private readonly long _realStart;
    private readonly HashSet<VirtualTimer> _timers = [];
    private readonly Lock _gate = new();
    private long _advancedTicks;

    public VirtualClock(DateTimeOffset start, double speed, TimeProvider? real = null)
    {
        if (double.IsNaN(speed) || speed is < 0 or > 1_000_000)
        {
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "Speed is 0 (stopped) to 1,000,000 virtual seconds per second.");
        }

        _real = real ?? System;
        _start = start.ToUniversalTime();
        _speed = speed;
        _realStart = _real.GetTimestamp();
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() =>
        (long)(_real.GetElapsedTime(_realStart).Ticks * _speed) + Interlocked.Read(ref _advancedTicks);

    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp());

    /// <summary>Moves the clock forward; timers that fall due fire.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref _advancedTicks, by.Ticks);
        VirtualTimer[] waiting;
        lock (_gate)
        {
            waiting = [.. _timers];
        }

        foreach (var timer in waiting)
        {
            timer.Arm();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer : ITimer
    {
        private static readonly TimeSpan Longest = TimeSpan.FromDays(20);
        private readonly VirtualClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _real;
        private readonly Lock _gate = new();
        private long? _due;
        private TimeSpan _period;
        private bool _disposed;

        public VirtualTimer(VirtualClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _callback = callback;
            _state = state;
            _real = clock._real.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return false;
                }

                _period = period;
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.GetTimestamp() + dueTime.Ticks;
            }

            Arm();
            return true;
        }

        public void Arm()
        {
            lock (_gate)
            {
                if (_disposed || _due is not { } due)
                {
                    return;
                }

                var remaining = due - _clock.GetTimestamp();
                if (remaining <= 0)
                {
                    _real.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                }
                else if (_clock._speed > 0)
                {
                    // Rounded up: a timer that fires early would find its moment not reached and fire again.
                    var wait = Math.Min(Math.Ceiling(remaining / _clock._speed / TimeSpan.TicksPerMillisecond), Longest.TotalMilliseconds);
                    _real.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
                }
            }
        }

        private void Fire()
        {
            lock (_gate)
            {
                if (_disposed || _due is not { } due)
                {
                    return;
                }

                if (due > _clock.GetTimestamp())
                {
                    Arm();
                    return;
                }

                _due = _period > TimeSpan.Zero ? due + _period.Ticks : null;
            }

            _callback(_state);
            Arm();
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _disposed = true;
            }

            lock (_clock._gate)
            {
                _clock._timers.Remove(this);
            }

            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
