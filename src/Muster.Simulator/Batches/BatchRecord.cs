using Muster.Simulator.Faults;

namespace Muster.Simulator.Batches;

internal enum BatchStatus
{
    InProgress,
    Canceling,
    Ended,
}

internal sealed record Counts(int Processing, int Succeeded, int Errored, int Canceled, int Expired);

internal sealed record Cancellation(DateTimeOffset At, DateTimeOffset Done);

/// <summary>
/// One batch. Nothing moves it: its state at any instant follows from its plan (how long it takes, which fate each row has)
/// and from the one thing a client can change, the moment of its cancel.
/// </summary>
internal sealed class BatchRecord
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
    public static readonly TimeSpan Kept = TimeSpan.FromDays(29);
    private Counts? _settled;
    private long _downloads;

    public required string Id { get; init; }

    /// <summary>Position in the order of creation, from 1; also the seed of everything drawn for this batch.</summary>
    public required int Number { get; init; }

    public required string Workspace { get; init; }

    public required string Version { get; init; }

    /// <summary>Sent with the beta for 300k tokens of output.</summary>
    public required bool LongOutput { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>List and retrieve know the batch from here on.</summary>
    public required DateTimeOffset VisibleAt { get; init; }

    /// <summary>How long the work takes when nothing stops it; may pass 24 h.</summary>
    public required TimeSpan Takes { get; init; }

    public required bool HasUnfinished { get; init; }

    /// <summary>What a cancel does to rows in flight; a plan decides when the batch is made.</summary>
    public required CancelEffect OnCancel { get; init; }

    public required RowSpill Spill { get; init; }

    /// <summary>Set once, as one reference: downloads and polls read it while it changes.</summary>
    public Cancellation? Cancellation { get; private set; }

    public DateTimeOffset? CancelAt => Cancellation?.At;

    public int Count => Spill.Count;

    public DateTimeOffset ExpiresAt => CreatedAt + Lifetime;

    public DateTimeOffset ArchivedAt => CreatedAt + Kept;

    public DateTimeOffset EndedAt
    {
        get
        {
            var natural = HasUnfinished || Takes > Lifetime ? ExpiresAt : CreatedAt + Takes;
            return Cancellation is { } canceled && canceled.Done < natural ? canceled.Done : natural;
        }
    }

    public BatchStatus StatusAt(DateTimeOffset now) =>
        now >= EndedAt ? BatchStatus.Ended : CancelAt is null ? BatchStatus.InProgress : BatchStatus.Canceling;

    public void Cancel(Cancellation cancellation) => Cancellation = cancellation;

    /// <summary>The row's fate once the batch has ended: its own, unless a cancel or the 24 h limit came first.</summary>
    public RowFate FinalFate(int row)
    {
        var fate = (RowFate)(Spill.Fate(row) & RowFates.FateMask);
        if (fate != RowFate.Unfinished && CancelAt is not null && OnCancel != CancelEffect.Mixed)
        {
            return OnCancel == CancelEffect.TooLate ? fate : RowFate.Canceled;
        }

        if (CancelAt is null && Takes <= Lifetime)
        {
            return fate;
        }

        var finished = fate == RowFate.Unfinished ? ExpiresAt : FinishOf(row);
        return CancelAt is { } canceled && finished > canceled ? RowFate.Canceled
            : finished >= ExpiresAt ? RowFate.Expired
            : fate;
    }

    public int WarmLevel(int row) => Spill.Fate(row) >> RowFates.WarmShift;

    public Counts CountsAt(DateTimeOffset now, bool live)
    {
        if (StatusAt(now) == BatchStatus.Ended)
        {
            return _settled ??= Tally(row => true);
        }

        return live ? Tally(row => FinishOf(row) <= now) : new Counts(Count, 0, 0, 0, 0);
    }

    /// <summary>Requests that still occupy a place in the queue; finished ones free theirs before the batch ends.</summary>
    public int QueuedAt(DateTimeOffset now) =>
        StatusAt(now) == BatchStatus.Ended ? 0
        : Takes <= TimeSpan.Zero ? Count
        : (int)(Count * Math.Clamp(1 - ((now - CreatedAt) / Takes), 0, 1));

    public long NextDownload() => Interlocked.Increment(ref _downloads);

    private DateTimeOffset FinishOf(int row) =>
        CreatedAt + (Takes * Chance.Unit(Chance.Mix((ulong)row, (ulong)Number)));

    private Counts Tally(Predicate<int> finished)
    {
        Span<int> kinds = stackalloc int[4];
        var processing = 0;
        for (var row = 0; row < Count; row++)
        {
            if (finished(row))
            {
                kinds[(int)FinalFate(row).Kind()]++;
            }
            else
            {
                processing++;
            }
        }

        return new Counts(
            processing,
            kinds[(int)ResultKind.Succeeded],
            kinds[(int)ResultKind.Errored],
            kinds[(int)ResultKind.Canceled],
            kinds[(int)ResultKind.Expired]);
    }
}
