using Muster.Claude;
using Muster.Requests;
using Muster.Results;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>
/// Looks through the remote's list for ended batches that bear our ids and are not in the store: whatever sent a create twice, the
/// second batch is a duplicate. A batch that has not ended shows no ids, and is left alone.
/// </summary>
internal sealed class Auditor(RunContext context)
{
    // Each is a download of one line; more suspects than this point at another program with our counts.
    private const int MaxProbes = 50;

    public async Task AuditAsync(CancellationToken cancellationToken)
    {
        var batches = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        if (batches.Count == 0)
            return;
        DateTimeOffset? since = batches.Any(batch => batch.ListedUntil is null) ? null : batches.Min(Candidates.Since);
        if ((await RemoteList.BackToAsync(context, since, cancellationToken)).Batches is not { } listed)
            return;
        var known = await context.Store.KnownRemoteIdsAsync(cancellationToken);
        var counts = batches.Where(batch => batch.Lane == Lane.Batch).Select(batch => batch.Requests).ToHashSet();
        foreach (var suspect in listed.Where(remote => remote.Status == RemoteStatus.Ended && !known.Contains(remote.Id)
            && counts.Contains(remote.Counts.Total) && (since is null || remote.CreatedAt >= since)).Take(MaxProbes))
        {
            if (await FirstResult.IdAsync(context.Client, suspect.Id, cancellationToken) is { } id && CustomId.Parse(id) is { } parsed
                && parsed.Run == context.Run.Tag && batches.FirstOrDefault(batch => batch.Nonce == parsed.Nonce) is { } ours)
                await Attach.RecordDuplicateAsync(context, ours, suspect.Id, ours.RemoteId, cancellationToken);
        }
    }
}
