namespace Muster.Simulator.Faults;

/// <summary>One fault on whole calls. It applies to the calls picked by the first of Nth, First, Every, Probability that is set.</summary>
public sealed record CallFault
{
    /// <summary><c>create</c>, <c>retrieve</c>, <c>list</c>, <c>results</c>, <c>cancel</c>, <c>delete</c>, <c>messages</c>, <c>count_tokens</c> or <c>any</c>.</summary>
    public string Endpoint { get; init; } = "any";

    /// <summary>Which calls, counted from 1 since the plan was set.</summary>
    public IReadOnlyList<int> Nth { get; init; } = [];

    public int First { get; init; }

    public int Every { get; init; }

    public double Probability { get; init; }

    public CallFaultKind Fault { get; init; }

    /// <summary>For status faults: 400, 401, 402, 403, 404, 408, 409, 413, 429, 500, 503, 504, 529 or any other.</summary>
    public int Status { get; init; } = 500;

    public FaultBody Body { get; init; }

    /// <summary>The error's text; empty takes one that fits the status.</summary>
    public string Message { get; init; } = "";

    public string ErrorCode { get; init; } = "";

    /// <summary>The header's text as it is sent, also an HTTP date or nonsense; empty sends none.</summary>
    public string RetryAfter { get; init; } = "";

    public bool? ShouldRetry { get; init; }

    /// <summary>Reply headers to set or, with an empty text, to leave out; they go with any fault.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Virtual seconds of a delay or stall.</summary>
    public double Seconds { get; init; }

    /// <summary>Result lines before a fault in the stream.</summary>
    public int AfterLines { get; init; } = 1;
}

public enum CallFaultKind
{
    /// <summary>An error reply in place of the work.</summary>
    Status,

    /// <summary>Reset before the body has been read; nothing is created.</summary>
    ResetBefore,

    /// <summary>The work is done, then the connection is reset before any header.</summary>
    ResetAfter,

    /// <summary>The work is done, then half a 200 body and the end of the connection.</summary>
    CutBody,

    /// <summary>The work is done, then an error reply.</summary>
    StatusAfter,

    /// <summary>Wait, then work.</summary>
    DelayBefore,

    /// <summary>Work, then wait before the headers.</summary>
    DelayAfter,

    /// <summary>Headers at once, the body after a wait.</summary>
    DelayBody,

    /// <summary>404 for a batch that exists.</summary>
    FalseNotFound,

    /// <summary>429 <c>enforced_spend_limit_reached</c> without retry-after.</summary>
    SpendCap,

    /// <summary>400 that starts with <c>You have reached your specified API usage limits</c>.</summary>
    UsageLimit,

    /// <summary>429 <c>ramp_limit_exceeded</c> with retry-after.</summary>
    RampLimit,

    /// <summary>Results: reset within a line.</summary>
    ResetInLine,

    /// <summary>Results: a clean end within a line.</summary>
    EndInLine,

    /// <summary>Results: a clean end between two lines.</summary>
    EndBetweenLines,

    /// <summary>Results: silence, then the rest.</summary>
    Stall,

    /// <summary>The work is done, and the reply is as it should be but for <see cref="CallFault.Headers"/>.</summary>
    HeadersOnly,

    /// <summary>The work is done, then a 200 whose body is not JSON.</summary>
    GarbageBody,

    /// <summary>The work is done, then a 200 with JSON of a shape that no client knows.</summary>
    UnknownShape,
}

public enum FaultBody
{
    Json,
    Html,
    Empty,
}
