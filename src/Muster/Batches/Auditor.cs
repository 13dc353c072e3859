using Muster.Claude;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>What looking through the remote's list came to.</summary>
internal abstract record Audit
{
    private Audit() { }

    /// <param name="Unknown">Ids of suspects whose owner is still not known: they have not ended, or cannot be read.</param>
    public sealed record Done(IReadOnlyList<string> Unknown) : Audit;

    /// <summary>The list or a suspect is to be looked at again.</summary>
    public sealed record Later : Audit;

    public sealed record Account(ApiError Error) : Audit;
}

/// <summary>
/// Looks through the remote's list for batches that bear our ids and are not in the store: whatever sent a create twice, the second
/// batch is a duplicate. A batch that has not ended shows no ids: it is followed for a while.
/// </summary>
internal sealed class Auditor(RunContext context)
{
    // Each is a download of one line; more suspects than this point at another program with our counts. The rest waits for the next look.
    private const int MaxProbes = 50;

    private DateTimeOffset notBefore;
    private DateTimeOffset? until;
    private int looks;

    /// <summary>
    /// Looks when a look is due. A list that cannot be read is asked for until it can, as a batch is polled; suspects are followed for a
    /// quiet period from the first list on.
    /// </summary>
    /// <param name="follow">False to take suspects as they are now.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    public async Task<Audit> AuditAsync(bool follow, CancellationToken cancellationToken)
    {
        if (notBefore > context.SteadyNow)
            return new Audit.Later();
        var batches = (await context.Store.BatchesAsync(context.Run.Id, cancellationToken)).Where(batch => batch.Lane == Lane.Batch).ToList();
        if (batches.Count == 0)
            return new Audit.Done([]);
        DateTimeOffset? since = batches.Any(batch => batch.ListedUntil is null) ? null : batches.Min(Candidates.Since);
        var listing = await RemoteList.BackToAsync(context, since, cancellationToken);
        if (listing.Account is { } refused)
            return new Audit.Account(refused);
        if (listing.Batches is not { } listed)
            return Again(null);
        until ??= context.SteadyNow + context.Options.QuietPeriod;
        var suspects = Suspects.Of(batches, listed, await context.Store.KnownRemoteIdsAsync(cancellationToken));
        var unknown = new List<string>();
        var probes = 0;
        foreach (var suspect in suspects)
        {
            if (suspect.Remote.Status != RemoteStatus.Ended)
            {
                if (Suspects.IsAwaited(suspect, context.Options.QuietPeriod))
                    unknown.Add(suspect.Remote.Id);
                continue;
            }

            if (suspect.Remote.IsArchivedAt(context.ServerNow))
                continue;
            switch (++probes > MaxProbes ? new FirstLook.NotNow() : await FirstResult.LookAsync(context.Client, suspect.Remote.Id, cancellationToken))
            {
                case FirstLook.Account account:
                    return new Audit.Account(account.Error);
                case FirstLook.Saw saw when await IsSettledAsync(suspect, saw.Id, batches, cancellationToken):
                    break;
                default:
                    unknown.Add(suspect.Remote.Id);
                    break;
            }
        }

        if (unknown.Count == 0 || !follow || context.SteadyNow >= until)
            return new Audit.Done(unknown);
        if (looks == 0)
        {
            context.Tell(RunEventKind.Waiting, $"{Amount.Of(unknown.Count, "batch")} at the remote ({Excerpt.List(unknown)}) may be made twice of ours; "
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

    /// <summary>The tag tells whose it is: a duplicate is noted, another program's remembered. False when it bears our tag and no nonce of ours.</summary>
    private async Task<bool> IsSettledAsync(Suspect suspect, string id, IReadOnlyList<Batch> batches, CancellationToken cancellationToken)
    {
        var parsed = CustomId.Parse(id);
        if (parsed?.Run == context.Run.Tag)
        {
            if (batches.FirstOrDefault(batch => batch.Nonce == parsed.Nonce) is not { } ours)
                return false;
            await Attach.RecordDuplicateAsync(context, ours, suspect.Remote.Id, ours.RemoteId, cancellationToken);
            return true;
        }

        // One of another run of this store is that run's to find.
        var runs = await context.Store.RunsAsync(cancellationToken);
        if (parsed is null || runs.All(run => run.Tag != parsed.Run))
            await context.Store.ReleaseBatchAsync(suspect.Like[0].Id, suspect.Remote.Id, cancellationToken);
        return true;
    }
}
