using Muster.Simulator.Faults;

namespace Muster.Simulator.Wire;

/// <summary>The error replies that a plan can order.</summary>
internal static class FaultReplies
{
    public static Reply Of(CallFault fault, string requestId) => fault.Fault switch
    {
        CallFaultKind.SpendCap => Reply.Error(
            429, "rate_limit_error", "You have reached the spend limit of your usage tier.", requestId, "enforced_spend_limit_reached"),
        CallFaultKind.UsageLimit => Reply.Refused(
            Or(fault.Message, "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."), requestId),
        CallFaultKind.RampLimit => Reply.Error(
            429, "rate_limit_error", "Your usage grows faster than the ramp limit allows.", requestId, "ramp_limit_exceeded") with
        {
            RetryAfter = Or(fault.RetryAfter, "30"),
        },
        _ => Ordinary(fault, requestId),
    };

    private static Reply Ordinary(CallFault fault, string requestId)
    {
        var reply = fault.Body switch
        {
            FaultBody.Html => Reply.Html(fault.Status),
            FaultBody.Empty => new Reply(fault.Status, []),
            _ => Reply.Error(
                fault.Status, ErrorTypes.TypeOf(fault.Status), Or(fault.Message, ErrorTypes.TextOf(fault.Status)), requestId,
                fault.ErrorCode.Length == 0 ? null : fault.ErrorCode),
        };
        return reply with { RetryAfter = fault.RetryAfter.Length == 0 ? null : fault.RetryAfter, ShouldRetry = fault.ShouldRetry };
    }

    private static string Or(string text, string otherwise) => text.Length == 0 ? otherwise : text;
}
