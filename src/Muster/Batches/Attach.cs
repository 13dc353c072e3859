using Muster.Claude;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Ties a remote id to an intent, or deals with the duplicate that it turns out to be.</summary>
internal static class Attach
{
    public static async Task RecordAsync(RunContext context, Batch batch, RemoteBatch remote, Proof proof)
    {
        context.Arrivals.Arrived();
        var outcome = await context.Store.ConfirmBatchAsync(batch.Id, batch.Nonce, remote, proof, CancellationToken.None);
        if (outcome is ConfirmOutcome.Confirmed)
        {
            var kind = proof == Proof.Reply ? RunEventKind.BatchCreated : RunEventKind.BatchAdopted;
            context.Tell(kind, $"{remote.Id}, {Amount.Of(batch.Requests, "row")}", batch.Name);
            return;
        }

        // Two remote batches for one intent: only a proven one may be canceled, and this id came in our own create's reply.
        var proven = ((ConfirmOutcome.Duplicate)outcome).ProvenId;
        var ours = proof is Proof.Reply or Proof.Tag;
        if (!ours)
        {
            context.Tell(RunEventKind.BatchDuplicate, $"{remote.Id} duplicates {proven ?? "a replaced intent"}", batch.Name);
            return;
        }

        await RecordDuplicateAsync(context, batch, remote.Id, proven, CancellationToken.None);
        await context.Client.CancelAsync(remote.Id, CancellationToken.None);
    }

    /// <summary>Notes a duplicate whose id is proven to be ours, so that it is canceled, archived and booked.</summary>
    public static async Task RecordDuplicateAsync(RunContext context, Batch batch, string remoteId, string? proven, CancellationToken cancellationToken)
    {
        if (await context.Store.RecordDuplicateAsync(batch.Id, remoteId, context.Now, cancellationToken))
            context.Tell(RunEventKind.BatchDuplicate, $"{remoteId} duplicates {proven ?? "a replaced intent"}; it is canceled and its cost booked", batch.Name);
    }
}
