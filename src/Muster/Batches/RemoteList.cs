using Muster.Claude;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Reads the workspace's batches, newest first; other programs' are among them.</summary>
internal static class RemoteList
{
    /// <summary>Every batch created at or after <paramref name="since"/>, or all; null when the list cannot be read now.</summary>
    public static async Task<IReadOnlyList<RemoteBatch>?> BackToAsync(
        RunContext context, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        var batches = new List<RemoteBatch>();
        string? after = null;
        while (true)
        {
            if (await context.Client.ListAsync(after, cancellationToken) is not RemoteReply<BatchPage>.Answered answered)
            {
                context.Tell(RunEventKind.Trouble, "the list of batches could not be read; trying again");
                return null;
            }

            batches.AddRange(answered.Value.Batches);
            if (!answered.Value.HasMore || (since is not null && batches[^1].CreatedAt < since))
                return batches;
            after = batches[^1].Id;
        }
    }
}
