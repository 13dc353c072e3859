using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Network;

/// <summary>How much goes wrong between a process and the remote; each number is a chance per call.</summary>
internal sealed record NetworkFaults
{
    public double Create { get; init; }

    public double Get { get; init; }

    public double Results { get; init; }

    /// <summary>A chance of its own: cancels are few.</summary>
    public double Cancel { get; init; }

    /// <summary>401 or 403: the operator has to look.</summary>
    public double Account { get; init; }

    /// <summary>Latency of an ordinary call, each way.</summary>
    public double LatencySeconds { get; init; } = 0.2;

    /// <summary>How late a batch may appear whose connection died.</summary>
    public double GhostSeconds { get; init; } = 540;

    public CreateFate DrawCreate(Dice dice) => dice.Hit(Account) ? CreateFate.AccountRefused : dice.Hit(Create) ? dice.Of(CreateTrouble) : CreateFate.Well;

    public GetFate DrawGet(Dice dice) => dice.Hit(Account) ? GetFate.AccountRefused : dice.Hit(Get) ? dice.Of(GetTrouble) : GetFate.Well;

    public GetFate DrawCancel(Dice dice) => dice.Hit(Cancel) ? dice.Of(CancelTrouble) : GetFate.Well;

    public StreamFate DrawStream(Dice dice) => dice.Hit(Results) ? dice.Of(StreamTrouble) : StreamFate.Well;

    private static readonly CreateFate[] CreateTrouble = [.. Enum.GetValues<CreateFate>().Where(fate => fate is not (CreateFate.Well or CreateFate.AccountRefused))];

    private static readonly GetFate[] GetTrouble = [.. Enum.GetValues<GetFate>().Where(fate => fate is not (GetFate.Well or GetFate.AccountRefused))];

    private static readonly GetFate[] CancelTrouble = [.. Enum.GetValues<GetFate>().Where(fate => fate != GetFate.Well)];

    private static readonly StreamFate[] StreamTrouble = [.. Enum.GetValues<StreamFate>().Where(fate => fate != StreamFate.Well)];
}

/// <summary>What becomes of a create.</summary>
internal enum CreateFate
{
    Well,

    /// <summary>No connection.</summary>
    Unconnected,

    /// <summary>429 or 529 before the body was read.</summary>
    EarlyStatus,

    /// <summary>401 or 403 before the body was read.</summary>
    AccountRefused,
    ResetInUpload,

    /// <summary>All bytes left and none arrived.</summary>
    LostBefore,

    /// <summary>Taken, and the reply never came.</summary>
    LostAfter,

    /// <summary>An error reply in place of the work.</summary>
    StatusBefore,

    /// <summary>Taken, then an error reply.</summary>
    StatusAfter,

    /// <summary>Taken, then half a 200.</summary>
    CutReply,

    /// <summary>Taken, then a page of the edge with status 200.</summary>
    HtmlReply,

    /// <summary>The connection died; the service takes the body minutes later.</summary>
    Ghost,

    /// <summary>An error reply; the service takes the body minutes later all the same.</summary>
    GhostAfterStatus,

    /// <summary>Taken, then silence.</summary>
    Silence,

    /// <summary>Taken, and the reply is minutes late.</summary>
    SlowReply,
}

/// <summary>What becomes of a call that creates nothing.</summary>
internal enum GetFate
{
    Well,
    Unconnected,
    AccountRefused,
    Reset,

    /// <summary>The work is done, the reply is lost.</summary>
    ResetAfter,
    Status,
    Html,
    FalseNotFound,
    CutReply,
    Silence,
    Slow,
}

/// <summary>What becomes of a download.</summary>
internal enum StreamFate
{
    Well,
    ResetInLine,
    EndInLine,
    EndBetweenLines,

    /// <summary>Silence beyond any patience.</summary>
    Stall,

    /// <summary>Silence within the patience, then the rest.</summary>
    Pause,
}
