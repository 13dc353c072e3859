using Muster.Claude;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Verdicts;
using static Muster.Batches.PollSchedule;

namespace Muster.Batches;

/// <param name="Left">True while some create is still of unknown outcome.</param>
/// <param name="Refusal">What stops the search until a person acts.</param>
internal readonly record struct Adoption(bool Left, ListRefusal? Refusal);

/// <summary>
/// Finds the batches whose create has no certain outcome. It never sends: it lists, adopts the unique candidate, reads tags where
/// several fit, and believes in absence only after the quiet period.
/// </summary>
internal sealed class Adopter(RunContext context)
{
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<long, TimeSpan> firstEmpty = [];
    private readonly Dictionary<long, DateTimeOffset> firstListed = [];
    private readonly HashSet<long> waiting = [];
    private long? listedAt;

    /// <summary>What a process that died left behind: an intent still sealed was a definite no, one that was sending is unknown.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var left = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        context.Arrivals.CountFrom(left.Select(batch => batch.Id).DefaultIfEmpty().Max());
        foreach (var batch in left)
        {
            if (batch is { Lane: Lane.Synchronous, State: BatchState.Sending })
            {
                var why = FailurePolicy.ReasonOf(Cause.ReplyLost);
                await context.Store.LoseBatchAsync(batch.Id, why, cancellationToken);
                context.Tell(RunEventKind.Trouble,
                    $"{why}: the process ended while {Amount.Of(batch.Requests, "synchronous call")} were under way; they may be billed and are not made again", batch.Name);
            }
            else if (batch.State == BatchState.Sealed)
            {
                const string why = "the process ended before the body was complete";
                await context.Store.WithdrawBatchAsync(batch.Id, batch.Nonce, why, cancellationToken);
                context.Tell(RunEventKind.BatchWithdrawn, why, batch.Name);
            }
            else if (batch.State == BatchState.Sending)
            {
                const string why = "the process ended while the create was under way";
                await context.Store.DoubtBatchAsync(batch.Id, batch.Nonce, why, cancellationToken);
                context.Tell(RunEventKind.BatchUnknown, $"{Reasons.CreateAmbiguous}: {why}; looking for it in the list", batch.Name);
            }
        }
    }

    public async Task<Adoption> AdoptAsync(CancellationToken cancellationToken)
    {
        var all = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        var unknown = all.Where(batch => batch.State == BatchState.Unknown).ToList();
        if (unknown.Count == 0)
            return new Adoption(Left: false, Refusal: null);
        if (listedAt is { } last && context.Time.GetElapsedTime(last) < Interval)
            return new Adoption(Left: true, Refusal: null);

        listedAt = context.Time.GetTimestamp();
        var since = unknown.Any(batch => batch.ListedUntil is null) ? null : unknown.Min(Candidates.Since);
        var listed = await RemoteList.BackToAsync(context, since, cancellationToken);
        if (listed.Batches is not { } batches)
            return new Adoption(Left: true, listed.Refusal);
        var left = false;
        foreach (var batch in unknown)
            left |= !await SettleAsync(batch, batches, all.Max(known => known.Id), cancellationToken);
        return new Adoption(left, Refusal: null);
    }

    /// <summary>How soon the list may be read again: often enough for a short quiet period or a forced poll interval, at the latest after the default.</summary>
    private TimeSpan Interval => Least(Least(ListEvery, context.Options.QuietPeriod / 4), context.Options.PollInterval ?? ListEvery);

    /// <summary>How far apart two empty lists must be.</summary>
    private TimeSpan Distance => Least(Candidates.Between, context.Options.QuietPeriod);

    /// <summary>A forced poll interval below the default means a simulator, whose clock may run faster than ours.</summary>
    private bool MayRunFast => context.Options.PollInterval < PollSchedule.Default;

    /// <summary>Counts up, for distances: by our steady clock, beside a simulator by its own.</summary>
    private TimeSpan Reading => MayRunFast ? context.ServerNow - DateTimeOffset.UnixEpoch : context.Time.GetElapsedTime(0);

    /// <summary>
    /// From when the quiet period counts, on the remote's clock. Where that clock runs fast the gate's time is older than the gate by all
    /// that passed since the reply before it, and only the first list after it is certain.
    /// </summary>
    private DateTimeOffset QuietFrom(Batch batch)
    {
        var gate = batch.GateAt!.Value;
        if (!MayRunFast)
            return gate;
        firstListed.TryAdd(batch.Id, context.ServerNow);
        return firstListed[batch.Id] > gate ? firstListed[batch.Id] : gate;
    }

    /// <summary>True when the intent's outcome is settled.</summary>
    /// <param name="newest">The highest number of a batch of the run.</param>
    private async Task<bool> SettleAsync(Batch batch, IReadOnlyList<RemoteBatch> listed, long newest, CancellationToken cancellationToken)
    {
        // Read for each: what one intent adopts in this pass, the next one must see.
        var claims = await context.Store.ClaimsAsync(batch.Id, cancellationToken);
        var candidates = Candidates.Of(batch, listed, claims.Excluded);
        // A list with a candidate in it is not one of the two empty lists in a row that absence needs.
        if (candidates.Count > 0)
            firstEmpty.Remove(batch.Id);
        // The gate's time may come from another process: two readings of the remote's clock differ by its error.
        var from = QuietFrom(batch);
        var sinceGate = context.ServerNow - from - Least(ServerClock.Error, context.Options.QuietPeriod);
        TimeSpan? sinceEmpty = firstEmpty.TryGetValue(batch.Id, out var first) ? Reading - first : null;
        switch (Candidates.Judge(candidates, claims.Contested, sinceGate, context.Options.QuietPeriod, Distance, sinceEmpty))
        {
            case Search.Found found:
                await Attach.RecordAsync(context, batch, found.Batch, Proof.Count);
                return true;
            case Search.Several several:
                return await ProveOneAsync(batch, several.Batches, cancellationToken);
            case Search.Absent:
                await context.Store.WithdrawBatchAsync(batch.Id, batch.Nonce, "no such batch after the quiet period", cancellationToken);
                context.Arrivals.NotArrived(batch.Id, newest, batch.Why ?? "its outcome was not known");
                context.Tell(RunEventKind.BatchWithdrawn, $"not at the remote {sinceGate.TotalSeconds:0} s after the gate; its rows wait again", batch.Name);
                return true;
            case Search.NotYet:
                if (candidates.Count == 0 && sinceGate >= context.Options.QuietPeriod && !firstEmpty.ContainsKey(batch.Id))
                    firstEmpty[batch.Id] = Reading;
                if (waiting.Add(batch.Id))
                {
                    context.Tell(RunEventKind.Waiting,
                        $"not in the list; that there is none is believed from {from + context.Options.QuietPeriod:HH:mm:ss}Z on (MUSTER_QUIET_PERIOD)",
                        batch.Name);
                }

                return false;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Several fit: an ended one shows its ids, and the tag decides. Until then none is taken and nothing is sent.</summary>
    private async Task<bool> ProveOneAsync(Batch batch, IReadOnlyList<RemoteBatch> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates.Where(candidate => candidate.Status == RemoteStatus.Ended))
        {
            if (await FirstResult.IdAsync(context.Client, candidate.Id, cancellationToken) is not { } id)
                continue;
            if (CustomId.Parse(id) is { } parsed && parsed.Run == context.Run.Tag && parsed.Nonce == batch.Nonce)
            {
                await Attach.RecordAsync(context, batch, candidate, Proof.Tag);
                return true;
            }

            await context.Store.ReleaseBatchAsync(batch.Id, candidate.Id, cancellationToken);
            context.Tell(RunEventKind.BatchReleased, $"{candidate.Id} is not this batch", batch.Name);
        }

        return false;
    }
}
