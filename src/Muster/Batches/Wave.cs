using Muster.Claude;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>What the calls of one wave came to. Pure.</summary>
/// <param name="Replies">One for each call, in their order.</param>
internal sealed record Wave(IReadOnlyList<MessageReply> Replies)
{
    /// <summary>True when no call of it was taken: its rows wait again with their attempt unspent.</summary>
    public bool IsUntaken => Replies.All(reply => reply is MessageReply.NotTaken);

    /// <summary>True when something before the API refuses such calls.</summary>
    public bool IsTurnedAway => Replies.Any(reply => reply is MessageReply.NotTaken { IsTurnedAway: true });

    /// <summary>True when rows of it wait again, or the API answered none: the next wave may fare no better at once.</summary>
    public bool WantsPatience => Trouble is not null || Replies.Any(reply => reply is MessageReply.NotTaken);

    /// <summary>What stood in the way of all of it; null when the API answered any of its calls.</summary>
    public Trouble? Trouble =>
        Replies.Any(reply => reply is MessageReply.Answered or MessageReply.Refused) ? null
        : Replies.Any(reply => reply is MessageReply.Lost) ? Verdicts.Trouble.ReplyLost
        // Only the service's own words, and of every call, may be about these very requests.
        : Replies.All(reply => reply is MessageReply.NotTaken { Overload: not null }) ? Verdicts.Trouble.Refused
        : Verdicts.Trouble.Unreachable;

    /// <summary>What was said of the first call without an answer; empty when there is none.</summary>
    public string Why => Replies.Select(reply => reply switch
    {
        MessageReply.NotTaken none => none.Why,
        MessageReply.Lost lost => lost.Why,
        _ => "",
    }).FirstOrDefault(why => why.Length > 0, "");

    public TimeSpan? RetryAfter => Replies.OfType<MessageReply.NotTaken>().Max(reply => reply.RetryAfter);
}
