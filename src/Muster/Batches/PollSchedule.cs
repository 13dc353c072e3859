using Muster.Claude;

namespace Muster.Batches;

/// <summary>When a batch is looked at next.</summary>
internal static class PollSchedule
{
    /// <summary>The server's own hint while a batch runs, and what is used when it gives none.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(10);

    /// <summary>A hint beyond this is not followed: an hour's <c>retry-after</c> must not hold a run silently.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(5);

    /// <param name="hint">The server's <c>retry-after</c>, or null.</param>
    /// <param name="forced">The operator's own interval, which wins over the hint; null to follow the hint.</param>
    public static TimeSpan AfterAnswer(TimeSpan? hint, TimeSpan? forced) =>
        forced ?? (hint is { } h ? Least(h, Longest) : Default);

    /// <summary>After so many failures in a row: doubling from the default, or from a longer hint.</summary>
    public static TimeSpan AfterFailure(int failures, TimeSpan? hint, TimeSpan? forced)
    {
        var start = forced ?? Default;
        var wait = start * Math.Pow(2, Math.Min(failures - 1, 10));
        if (hint is { } h && forced is null && h > wait)
            wait = h;
        return Least(wait, LongestBackoff);
    }

    /// <summary>The shorter of two waits.</summary>
    public static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

/// <summary>How often a remote is tried before a run that has nothing there is refused. Once something is in flight, an outage is waited out.</summary>
internal static class FirstContact
{
    public const int Tries = 3;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(3);

    /// <summary>A connection that hangs until its timeout need not do so three times.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <param name="tries">Failed ones in a row, this one included.</param>
    /// <param name="since">How long ago the first of them failed.</param>
    public static bool IsOver(Unreached how, int tries, TimeSpan since) => how == Unreached.Name || tries >= Tries || since >= Longest;

    public static TimeSpan Wait(TimeSpan? forced) => forced is { } f && f < Between ? f : Between;
}

/// <summary>How long an upload may take before its gate refuses: the body may be slow, but not forgotten.</summary>
internal static class UploadDeadline
{
    private static readonly TimeSpan Base = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Cap = TimeSpan.FromMinutes(30);

    /// <summary>A line of 4 Mbit/s: slower than this, split batches by <c>limits.batch_bytes</c>.</summary>
    private const double BytesPerSecond = 500_000;

    /// <summary>Between the gate's commit and the last bytes there is nothing to do; longer means a frozen process.</summary>
    public static readonly TimeSpan GateAge = TimeSpan.FromSeconds(10);

    public static TimeSpan For(long bodyBytes)
    {
        var limit = Base + TimeSpan.FromSeconds(bodyBytes / BytesPerSecond);
        return limit < Cap ? limit : Cap;
    }
}

/// <summary>Whether rows are sent now or wait for company: many small batches are queue overhead and polling for nothing.</summary>
internal static class SubmissionSchedule
{
    /// <summary>A slow batch must not hold the tail for a day.</summary>
    public static readonly TimeSpan TailPatience = TimeSpan.FromMinutes(30);

    /// <param name="tailWaited">How long rows to be asked again have been waiting.</param>
    public static bool SendNow(PendingRows pending, int batchRows, int openBatches, TimeSpan tailWaited) =>
        pending.FirstAsk > 0
        || pending.Again >= batchRows
        || (pending.Again > 0 && (openBatches == 0 || tailWaited >= TailPatience));
}

/// <param name="FirstAsk">Rows never asked before.</param>
internal readonly record struct PendingRows(long FirstAsk, long Again);
