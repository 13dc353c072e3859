namespace Muster.Simulator.Faults;

/// <summary>
/// Everything that goes wrong, as data. Row faults are drawn once, when a row is accepted; call faults when a call arrives.
/// The file form is JSON with the same names in snake_case; see docs/simulator.md.
/// </summary>
public sealed record FaultPlan
{
    public static FaultPlan None { get; } = new();

    /// <summary>Replaces the simulator's seed for faults; null keeps it.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Share of rows per outcome; the names are those of <see cref="RowRule.Outcome"/>.</summary>
    public IReadOnlyDictionary<string, double> Rates { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    public IReadOnlyList<ModelFaults> Models { get; init; } = [];

    public IReadOnlyList<RowRule> Rows { get; init; } = [];

    public IReadOnlyList<CallFault> Calls { get; init; } = [];

    public LineFaults Lines { get; init; } = new();

    /// <summary>Rows that a plan expires do so at their batch's ordinary end and not after 24 h.</summary>
    public bool ExpireWithoutWait { get; init; } = true;

    /// <summary>Every key is refused with 401.</summary>
    public bool KeyRevoked { get; init; }

    /// <summary>Retrieve answers 404 for so many virtual seconds after create.</summary>
    public double NotFoundAfterCreateSeconds { get; init; }

    /// <summary>Results answer 404 for so many virtual seconds after the end.</summary>
    public double NotFoundAfterEndSeconds { get; init; }

    /// <summary>A new batch joins list and retrieve only after so many virtual seconds.</summary>
    public double AppearsAfterSeconds { get; init; }

    /// <summary>Batches take so many virtual seconds; above 86,400 the rest expires. Null keeps the options' times.</summary>
    public double? TakesSeconds { get; init; }

    /// <summary>Counts move while a batch is in progress, as <see cref="WireSwitches.LiveCounts"/>.</summary>
    public bool LiveCounts { get; init; }

    /// <summary>What a cancel finds of batches made under this plan.</summary>
    public CancelEffect Cancel { get; init; }

    /// <summary>The file form, with what differs from <see cref="None"/> only.</summary>
    public string ToJson() => FaultPlanFile.Write(this);

    /// <exception cref="SimulatorException">The text is not a fault plan; the message names the key.</exception>
    public static FaultPlan Parse(string json) => FaultPlanFile.Parse(json);

    /// <exception cref="SimulatorException">The file cannot be read or is not a fault plan.</exception>
    public static FaultPlan Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (IOException e)
        {
            throw new SimulatorException($"The fault plan {path} cannot be read: {e.Message}", "Check the path.", e);
        }
    }
}

public enum CancelEffect
{
    /// <summary>Rows that were done stay, the others are canceled.</summary>
    Mixed,

    /// <summary>Every row is canceled.</summary>
    AllCanceled,

    /// <summary>The cancel came too late: every row keeps its own outcome.</summary>
    TooLate,
}

/// <summary>Share of rows per flaw for models whose id contains <see cref="Model"/>; the first entry that matches counts.</summary>
public sealed record ModelFaults
{
    public string Model { get; init; } = "";

    /// <summary>Not JSON.</summary>
    public double Broken { get; init; }

    /// <summary>JSON that breaks the schema.</summary>
    public double Violation { get; init; }

    /// <summary>Valid by the schema, but not the answer that the engine holds for right.</summary>
    public double Wrong { get; init; }

    public double Refusal { get; init; }

    /// <summary>Cut, with <c>stop_reason: max_tokens</c>.</summary>
    public double Truncated { get; init; }
}

/// <summary>One outcome for every row whose user text contains <see cref="Contains"/>; the empty text matches every row.</summary>
public sealed record RowRule
{
    public string Contains { get; init; } = "";

    /// <summary>Substring of the model id; empty matches every model.</summary>
    public string Model { get; init; } = "";

    /// <summary>
    /// <c>broken</c>, <c>violation</c>, <c>wrong</c>, <c>refusal</c>, <c>truncated</c>, <c>pause_turn</c>, <c>expired</c>, <c>canceled</c>,
    /// <c>credit</c> (the account's balance, hidden in an invalid_request_error) or an error type such as <c>overloaded_error</c>.
    /// </summary>
    public string Outcome { get; init; } = "";

    /// <summary>Only the first so many requests of one key; 0 is all of them.</summary>
    public int Times { get; init; }
}

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

    /// <summary>The work is done, then half a 200 body and a reset.</summary>
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

/// <summary>Damage to single result lines; each number is a share of the lines unless it says otherwise.</summary>
public sealed record LineFaults
{
    public double Missing { get; init; }

    public double Duplicate { get; init; }

    /// <summary>Answers exchanged between neighbouring lines.</summary>
    public double Swapped { get; init; }

    public double Garbage { get; init; }

    public double Blank { get; init; }

    /// <summary>Lines with a <c>result.type</c> that no client knows.</summary>
    public double UnknownType { get; init; }

    /// <summary>Errored lines with the flat shape that the service never sends.</summary>
    public double FlatError { get; init; }

    /// <summary>Lines with fields that no client knows.</summary>
    public double NewFields { get; init; }

    /// <summary>Number of lines with ids that nobody submitted.</summary>
    public int Extra { get; init; }

    /// <summary>Only the first so many downloads of a batch are damaged; 0 is all of them.</summary>
    public int Downloads { get; init; }

    internal bool Any => Missing + Duplicate + Swapped + Garbage + Blank + UnknownType + FlatError + NewFields > 0 || Extra > 0;
}
