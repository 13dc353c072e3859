using Muster.Batches;
using Muster.Results;
using Muster.Verdicts;

namespace Muster.Runs;

/// <summary>
/// Looks again for duplicates of a run that is over: a batch that had not ended when its run did shows its ids only now. One look, and
/// no waiting: the next command looks again.
/// </summary>
internal sealed class LateAudit(RunContext context, string archiveFolder)
{
    /// <summary>What is left to look at; null when nothing is.</summary>
    public async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        var batches = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        if (batches.All(batch => context.Now - batch.SealedAt >= RemoteBatch.ResultsKept))
            return null;
        // What it would tell of an outage, that it asks until there is an answer, is not so here.
        var quiet = context with { Options = context.Options with { Progress = null } };
        var audit = await new Auditor(quiet).AuditAsync(follow: false, cancellationToken);
        var booking = await new DuplicateBooker(context, archiveFolder).BookAsync(cancellationToken);
        if (booking.Account is { } account)
            return $"{Reasons.Account}: {account}; duplicates could not be looked for, the next `muster run` looks again";
        var unbooked = booking.Open == 0 ? null
            : $"the cost of {Amount.Of(booking.Open, "duplicate batch")} is not known yet; the next `muster run` asks again";
        return unbooked ?? audit switch
        {
            Audit.Done done => done.Left.Text(context.Run, "The next `muster run`"),
            Audit.Refused refused => $"{refused.Why}; duplicates could not be looked for, the next `muster run` looks again",
            _ => $"{context.Client.BaseUrl} did not give its list, so duplicates could not be looked for; the next `muster run` looks again",
        };
    }
}
