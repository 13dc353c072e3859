using Muster.Requests;
using Muster.Results;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>What looking through the remote's list came to.</summary>
internal abstract record Audit
{
    private Audit() { }

    public sealed record Done(Sighting Left) : Audit;

    /// <summary>The list or a suspect is to be looked at again.</summary>
    public sealed record Later : Audit;

    /// <summary>Looking again is of no use until a person acts.</summary>
    public sealed record Refused(string Why) : Audit;
}

/// <summary>
/// Looks through the remote's list for batches that bear our ids and are not in the store: whatever sent a create twice, the second
/// batch is a duplicate. A batch that has not ended shows no ids: it is followed for a while.
/// </summary>
internal sealed class Auditor(RunContext context)
{
    // Each is a download of one line; more suspects than this point at another program with our counts. The rest waits for the next look.
    private const int MaxProbes = 50;

    private readonly HashSet<string> probed = new(StringComparer.Ordinal);
    private readonly HashSet<string> elsewhere = new(StringComparer.Ordinal);
    private DateTimeOffset notBefore;
    private DateTimeOffset? until;
    private int looks;

    /// <summary>
    /// Looks when a look is due. A list that cannot be read is asked for until it can, as a batch is polled; suspects are followed for a
    /// quiet period from the first list on.
    /// </summary>
    /// <param name="follow">False to look at once, and to take suspects as they are now.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public async Task<Audit> AuditAsync(bool follow, CancellationToken cancellationToken)
    {
        if (follow && notBefore > context.SteadyNow)
            return new Audit.Later();
        var batches = (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).Where(batch => batch.Lane == Lane.Batch).ToList();
        if (batches.All(batch => batch.GateAt is null))
            return new Audit.Done(Sighting.Nothing);
        DateTimeOffset? since = batches.Any(batch => batch.ListedUntil is null) ? null : batches.Min(Candidates.Since);
        var listing = await RemoteList.BackToAsync(context, since, cancellationToken);
        if (listing.Refusal is { } refusal)
            return new Audit.Refused(refusal.Why);
        if (listing.Batches is not { } listed)
            return Again(null);
        until ??= context.SteadyNow + context.Options.QuietPeriod;
        var suspects = Suspects.Of(batches, listed, await context.Store.KnownRemoteIdsAsync(cancellationToken));
        var (unknown, unread, strays) = (new List<string>(), new List<string>(), new List<Stray>());
        var probes = 0;
        // Those that no look came to yet go first.
        foreach (var suspect in suspects.Where(suspect => !elsewhere.Contains(suspect.Remote.Id)).OrderBy(suspect => probed.Contains(suspect.Remote.Id)))
        {
            if (suspect.Remote.Status != RemoteStatus.Ended)
            {
                if (Suspects.IsAwaited(suspect, context.Options.QuietPeriod))
                    unknown.Add(suspect.Remote.Id);
                continue;
            }

            if (suspect.Remote.IsArchivedAt(context.ServerNow))
                continue;
            if (++probes > MaxProbes)
            {
                unread.Add(suspect.Remote.Id);
                continue;
            }

            probed.Add(suspect.Remote.Id);
            switch (await FirstResult.LookAsync(context.Client, suspect.Remote.Id, cancellationToken))
            {
                case FirstLook.Account account:
                    return new Audit.Refused($"{Reasons.Account}: {account.Error}");
                case FirstLook.Saw saw:
                    if (await SettleAsync(suspect, saw.Id, batches, cancellationToken) is { } stray)
                        strays.Add(stray);
                    break;
                default:
                    unknown.Add(suspect.Remote.Id);
                    break;
            }
        }

        var left = new Sighting(unknown, unread, strays);
        // A stray waits for a person, who is not kept waiting for the rest.
        if ((unknown.Count == 0 && unread.Count == 0) || strays.Count > 0 || !follow || context.SteadyNow >= until)
            return new Audit.Done(left);
        if (looks == 0)
        {
            context.Tell(RunEventKind.Waiting, $"{Amount.Of(unknown.Count + unread.Count, "batch")} at the remote ({Excerpt.List([.. unknown, .. unread])}) may be made twice of ours; "
                + $"followed for {context.Options.QuietPeriod.TotalSeconds:0.#} s (MUSTER_QUIET_PERIOD)");
        }

        return Again(until - context.SteadyNow);
    }

    /// <param name="longest">After which there is a last look; null when none is the last.</param>
    private Audit.Later Again(TimeSpan? longest)
    {
        var wait = PollSchedule.AfterFailure(++looks, null, context.Options.PollInterval);
        notBefore = context.SteadyNow + PollSchedule.Least(wait, longest ?? wait);
        return new Audit.Later();
    }

    /// <summary>The tag tells whose it is: a duplicate is noted, another program's remembered. Not null when it bears our tag and no nonce of ours.</summary>
    private async Task<Stray?> SettleAsync(Suspect suspect, string id, IReadOnlyList<Batch> batches, CancellationToken cancellationToken)
    {
        var parsed = CustomId.Parse(id);
        if (parsed?.Run == context.Run.Tag)
        {
            if (batches.FirstOrDefault(batch => batch.Nonce == parsed.Nonce) is not { } ours)
                return new Stray(suspect.Remote.Id, parsed.Nonce);
            await Attach.RecordDuplicateAsync(context, ours, suspect.Remote.Id, ours.RemoteId, cancellationToken);
            return null;
        }

        // One of another run of this store is that run's to find: the store does not take it for known, so that it can.
        elsewhere.Add(suspect.Remote.Id);
        var runs = await context.Store.RunsAsync(cancellationToken);
        if (parsed is null || runs.All(run => run.Tag != parsed.Run))
            await context.Store.ReleaseBatchAsync(suspect.Like[0].Id, suspect.Remote.Id, cancellationToken);
        return null;
    }
}
