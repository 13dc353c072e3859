using Muster.Claude;
using Muster.Runs;
using Muster.Verdicts;

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
            switch (await context.Client.ListAsync(after, cancellationToken))
            {
                case RemoteReply<BatchPage>.Answered answered:
                    context.Reach.Answered(context);
                    batches.AddRange(answered.Value.Batches);
                    // A page without batches that promises more would be asked for without end.
                    if (!answered.Value.HasMore || answered.Value.Batches.Count == 0 || (since is not null && batches[^1].CreatedAt < since))
                        return new Listing(batches, null);
                    after = batches[^1].Id;
                    break;
                case RemoteReply<BatchPage>.Unreachable unreachable:
                    context.Reach.Missed(context, unreachable.Why);
                    return new Listing(null, null);
                case RemoteReply<BatchPage>.Refused refused:
                    return new Listing(null, Judge(context, refused.Error));
                case RemoteReply<BatchPage>.NotFound missing:
                    return new Listing(null, Judge(context, missing.Error));
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }

    /// <summary>Null when the list is worth another read.</summary>
    private static ListRefusal? Judge(RunContext context, ApiError error)
    {
        var rule = CallPolicy.Of(RemoteCall.List, CallPolicy.TroubleOf(RemoteCall.List, error.Cause));
        // A page of a proxy's says nothing of the API's list, and passes as an outage does.
        if (rule.First == Remedy.PauseRun && (error.IsTheApis || rule.Fault == Fault.Account))
            return new ListRefusal(rule, error);
        context.Tell(RunEventKind.Trouble, $"the list of batches could not be read: {error}; trying again");
        return null;
    }
}

/// <param name="Batches">Null when the list cannot be read now.</param>
/// <param name="Refusal">Why, when reading it again is of no use.</param>
internal readonly record struct Listing(IReadOnlyList<RemoteBatch>? Batches, ListRefusal? Refusal);

/// <summary>An answer after which the run pauses until a person acts.</summary>
internal sealed record ListRefusal(CallRule Rule, ApiError Error)
{
    /// <summary>True when no other call is answered either.</summary>
    public bool IsAccount => Rule.Fault == Fault.Account;

    public string Why => IsAccount ? $"{Rule.Reason}: {Error}" : $"{Rule.Reason}: the list of batches is refused: {Error}";
}
