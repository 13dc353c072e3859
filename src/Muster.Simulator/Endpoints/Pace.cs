namespace Muster.Simulator.Endpoints;

/// <summary>Holds a download down to so many bytes per virtual second; 0 holds nothing.</summary>
internal sealed class Pace(long bytesPerSecond, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private long _sent;

    public async ValueTask TakeAsync(int bytes, CancellationToken ct)
    {
        if (bytesPerSecond <= 0)
        {
            return;
        }

        _sent += bytes;
        var wait = TimeSpan.FromSeconds((double)_sent / bytesPerSecond) - clock.GetElapsedTime(_start);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, ct);
        }
    }
}
