namespace Muster.Verdicts;

/// <summary>What came back for a request, named once; <see cref="FailurePolicy"/> says what is done about each.</summary>
public enum Cause
{
    Accepted,

    /// <summary>The contract holds, and the job asks for a person (its <c>human_queue</c> condition).</summary>
    HumanRequested,
    MaxTokens,
    ContextWindow,
    Refusal,
    PauseTurn,
    ToolUse,
    Empty,
    NotJson,
    Schema,
    EnumUnknown,
    RequestInvalid,
    NotFound,
    Account,
    RateLimited,
    Overloaded,
    ServerError,
    Expired,
    CanceledByRemote,

    /// <summary>Canceled because we asked for it.</summary>
    CanceledByUs,

    /// <summary>In the synchronous lane: the API took no such request, so there is nothing to pay.</summary>
    NotTaken,

    /// <summary>In the synchronous lane: the request left and no reply came. It may be billed, and nothing can be found again.</summary>
    ReplyLost,

    /// <summary>An answer that nothing could grade: its judge gave no score. The answer is not blamed.</summary>
    Unscored,
}

/// <summary>Who caused it.</summary>
public enum Fault
{
    None,
    ByDesign,
    Model,
    Request,
    Account,
    Platform,
    Operator,

    /// <summary>What measures, and not what is measured.</summary>
    Instrument,
}
