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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
