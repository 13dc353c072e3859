using Muster.Batches;
using Muster.Claude;
using Muster.Contracts;
using Muster.Results;
using Muster.Runs;

namespace Muster.Verdicts;

/// <summary>
/// Makes a verdict of a result: what it is (a <see cref="Cause"/>), what the policy says of it, and what is kept. Pure but for the
/// reader it is handed.
/// </summary>
internal sealed class Judge(Contract contract, Contract? human, PolicyLimits limits, Prices prices, DateOnly askedOn, Lane lane, bool runIsCanceling)
{
    private const int MaxMessageChars = 400;

    /// <summary>Set when a result shows that the account, not the row, is at fault.</summary>
    public ApiError? AccountError { get; private set; }

    public ResultRecord Decide(in RequestRef request, ResultLine line)
    {
        var (cause, detail, message) = Name(line);
        if (cause == Cause.Account)
            AccountError ??= line.Error;

        var tried = new Tried(request.Tier, request.Spent + (FailurePolicy.Counts(cause) ? 1 : 0),
            request.Tries + (FailurePolicy.IsTry(cause) ? 1 : 0), request.Variant);
        var next = FailurePolicy.Decide(cause, tried, limits);
        var moved = next.Tier != request.Tier;
        var reason = cause == Cause.Accepted ? null : FailurePolicy.ReasonOf(cause) + detail;
        return new ResultRecord(request.RequestId, request.RowId, line.Type,
            new RowMove(next.State, next.Tier, tried.Spent, moved ? 0 : tried.Tries, next.Variant, reason))
        {
            FailsRow = next.State != RowState.Pending && FailurePolicy.FailsRow(cause),
            FailsBatch = FailurePolicy.FailsBatch(cause),
            Billing = line.Type == ResultType.Succeeded ? Bill.Of(line, prices, askedOn, lane == Lane.Batch ? PriceChannel.Batch : PriceChannel.Synchronous) : null,
            Output = line.Type == ResultType.Succeeded && KeepsOutput(next.State) ? line.Text.ToArray() : default(ReadOnlyMemory<byte>),
            Message = message is null || KeepsRejection(cause, next) ? null : Cut(message),
        };
    }

    /// <summary>A re-ask that the platform failed is sent again as it was: with the validator's message, not with the platform's.</summary>
    private static bool KeepsRejection(Cause cause, Disposition next) =>
        next is { State: RowState.Pending, Variant: Requests.VariantKind.Reask } && !FailurePolicy.IsTry(cause);

    private static string Cut(string message)
    {
        if (message.Length <= MaxMessageChars)
            return message;
        return char.IsHighSurrogate(message[MaxMessageChars - 1]) ? message[..(MaxMessageChars - 1)] : message[..MaxMessageChars];
    }

    private static bool KeepsOutput(RowState state) => state is RowState.Succeeded or RowState.HumanQueued or RowState.Quarantined;

    private (Cause Cause, string Detail, string? Message) Name(ResultLine line) => line.Type switch
    {
        ResultType.Succeeded => NameAnswer(line),
        ResultType.Expired => (Cause.Expired, "", "the remote did not finish it in 24 hours"),
        ResultType.Canceled => (runIsCanceling ? Cause.CanceledByUs : Cause.CanceledByRemote, "", "canceled before it was processed"),
        _ => NameError(line.Error),
    };

    private (Cause, string, string?) NameAnswer(ResultLine line)
    {
        switch (line.StopReason)
        {
            case "max_tokens":
                return (Cause.MaxTokens, "", "the answer was cut at max_tokens");
            case "refusal":
                return (Cause.Refusal, "", "the model declined to answer");
            case "model_context_window_exceeded":
                return (Cause.ContextWindow, "", "the model's context window was exceeded");
            case "pause_turn":
                return (Cause.PauseTurn, "", "the model paused its turn, which nothing continues in a batch");
            case "tool_use":
                return (Cause.ToolUse, "", "the model asked for a tool, which nothing answers in a batch");
        }

        if (line.Text.IsEmpty)
            return (Cause.Empty, "", "the answer has no text");
        var checkedOutput = contract.Check(line.Text);
        if (!checkedOutput.IsValid)
        {
            var cause = checkedOutput.Kind switch
            {
                ContractResultKind.NotJson => Cause.NotJson,
                ContractResultKind.EnumUnknown => Cause.EnumUnknown,
                _ => Cause.Schema,
            };
            return (cause, cause == Cause.NotJson ? "" : "." + checkedOutput.Pointer, checkedOutput.Message);
        }

        return human is not null && human.Check(line.Text).IsValid
            ? (Cause.HumanRequested, "", "the job asks for a person for such an answer")
            : (Cause.Accepted, "", null);
    }

    private (Cause, string, string?) NameError(ApiError? error)
    {
        if (error is null)
            return (Cause.ServerError, "", "an errored result without its error");
        if (lane == Lane.Synchronous && OwnLine.CauseOf(error.Type) is { } ours)
            return (ours, "", error.Message);
        var cause = error.Cause switch
        {
            ErrorCause.Account => Cause.Account,
            ErrorCause.NotFound => Cause.NotFound,
            ErrorCause.Request or ErrorCause.TooLarge => Cause.RequestInvalid,
            ErrorCause.RateLimited => Cause.RateLimited,
            _ => error.Type == "overloaded_error" ? Cause.Overloaded : Cause.ServerError,
        };
        return (cause, "", error.ToString());
    }
}
