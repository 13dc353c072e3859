using Muster.Claude;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Reads the workspace's batches, newest first; other programs' are among them.</summary>
internal static class RemoteList
{
    /// <summary>Every batch created at or after <paramref name="since"/>, or all.</summary>
    public static async Task<Listing> BackToAsync(
        RunContext context, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var batches = new List<RemoteBatch>();
        string? after = null;
        while (true)
        {
            var reply = await context.Client.ListAsync(after, cancellationToken);
            if (reply is not RemoteReply<BatchPage>.Answered answered)
            {
                if (reply is RemoteReply<BatchPage>.Unreachable unreachable)
                    context.Reach.Missed(context, unreachable.Why);
                else
                    context.Tell(RunEventKind.Trouble, "the list of batches could not be read; trying again");
                return new Listing(null, reply is RemoteReply<BatchPage>.Refused { Error: { Cause: ErrorCause.Account } account } ? account : null);
            }

            context.Reach.Answered(context);
            batches.AddRange(answered.Value.Batches);
            // A page without batches that promises more would be asked for without end.
            if (!answered.Value.HasMore || answered.Value.Batches.Count == 0 || (since is not null && batches[^1].CreatedAt < since))
                return new Listing(batches, null);
            after = batches[^1].Id;
        }
    }
}

/// <param name="Batches">Null when the list cannot be read now.</param>
/// <param name="Account">Why, when the account is refused.</param>
internal readonly record struct Listing(IReadOnlyList<RemoteBatch>? Batches, ApiError? Account);
