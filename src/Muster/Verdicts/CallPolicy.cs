using Muster.Claude;
using Muster.Runs;

namespace Muster.Verdicts;

/// <summary>A call of the API that is about a batch, or about one request of the synchronous lane, and not about a result.</summary>
internal enum RemoteCall
{
    Create,
    List,
    Retrieve,
    Results,

    /// <summary>One call of the synchronous lane.</summary>
    Message,
}

/// <summary>What stood in the way of a call.</summary>
internal enum Trouble
{
    Account,

    /// <summary>The API refuses the call as it stands: sending it again gives the same.</summary>
    Rejected,
    NotFound,

    /// <summary>The API is out of breath (429) or has trouble of its own (5xx, 408, 409).</summary>
    Refused,

    /// <summary>No answer of the API's, and nothing was taken.</summary>
    Unreachable,

    /// <summary>The request left, and whether it was taken is not known.</summary>
    ReplyLost,

    /// <summary>A create that is proven never to have made a batch.</summary>
    NotArrived,

    /// <summary>A download that began and ended too soon.</summary>
    Broken,

    /// <summary>The API's time for handing results out is over.</summary>
    Gone,
}

/// <summary>What is done about a trouble.</summary>
internal enum Remedy
{
    /// <summary>The same call again, after a growing wait or the API's <c>retry-after</c>.</summary>
    AskAgain,

    /// <summary>The remote's list tells whether it was taken.</summary>
    LookInList,

    /// <summary>The rows wait again with their attempt unspent, and a new batch takes them.</summary>
    SendAgain,

    /// <summary>The run stops submitting until a person acts; no row is blamed.</summary>
    PauseRun,

    /// <summary>The other batches are collected, then a person has to look.</summary>
    HoldRun,

    /// <summary>The rows of the call end, and the next ones are asked after a growing wait.</summary>
    GoOn,

    /// <summary>Each request spends a try.</summary>
    SpendTry,
}

/// <summary>When a trouble that comes again and again is no longer believed to pass by itself: both limits have to be reached.</summary>
/// <param name="Times">In a row, of the same kind.</param>
/// <param name="Over">Since the first of them.</param>
/// <param name="QuietPeriods">The same, in quiet periods.</param>
internal sealed record Patience(int Times, TimeSpan Over = default, int QuietPeriods = 0)
{
    public bool IsOver(int inARow, TimeSpan since, TimeSpan quietPeriod = default) => inARow >= Times && since >= Over && since >= quietPeriod * QuietPeriods;
}

/// <summary>One row of <see cref="CallPolicy"/>.</summary>
/// <param name="First">What is done at first.</param>
/// <param name="Patience">How long that is done; null for ever.</param>
/// <param name="Then">What follows; null when nothing does.</param>
/// <param name="Reason">The reason code that a person is told, or empty.</param>
internal sealed record CallRule(Fault Fault, Remedy First, Patience? Patience, Remedy? Then, string Reason)
{
    public static CallRule AtOnce(Fault fault, Remedy remedy, string reason) => new(fault, remedy, null, null, reason);

    public static CallRule Always(Remedy remedy) => new(Fault.Platform, remedy, null, null, "");

    public static CallRule Until(Patience patience, Remedy then, string reason, Remedy first = Remedy.AskAgain) => new(Fault.Platform, first, patience, then, reason);

    /// <summary>How the run stops, at once or when patience is over.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public RunOutcome Outcome => (Then ?? First) switch
    {
        Remedy.PauseRun => RunOutcome.Paused,
        Remedy.HoldRun => RunOutcome.Held,
        var other => throw new InvalidOperationException($"{other} stops no run."),
    };

    /// <summary>True when it happened often and long enough for <see cref="Then"/>.</summary>
    public bool IsOver(int inARow, TimeSpan since, TimeSpan quietPeriod = default) => Patience?.IsOver(inARow, since, quietPeriod) ?? false;
}

/// <summary>
/// The failure policy of whole calls as one table, beside <see cref="FailurePolicy"/>, which is that of rows. Pure. docs/failure-policy.md
/// shows both; a test compares them.
/// </summary>
internal static class CallPolicy
{
    /// <summary>False 404s of existing batches are known, and gone within minutes.</summary>
    private static readonly Patience FalseNotFound = new(5, TimeSpan.FromMinutes(10));

    /// <summary>An outage of the service's own, told by 5xx, lasts longer than a connection's.</summary>
    private static readonly Patience Outage = new(8, TimeSpan.FromHours(1));

    private static readonly Patience BrokenDownloads = new(8);

    /// <summary>Absence takes a quiet period to prove, a body that was cut off on its way none; an outage of an hour passes by itself.</summary>
    private static readonly Patience LostCreates = new(8, QuietPeriods: 4);

    /// <summary>Each costs its rows, and perhaps money.</summary>
    private static readonly Patience LostWaves = new(3);

    private static readonly Dictionary<(RemoteCall, Trouble), CallRule> Rules = new()
    {
        [(RemoteCall.Create, Trouble.Account)] = CallRule.AtOnce(Fault.Account, Remedy.PauseRun, Reasons.Account),
        [(RemoteCall.Create, Trouble.Rejected)] = CallRule.AtOnce(Fault.Request, Remedy.PauseRun, Reasons.CreateRejected),
        [(RemoteCall.Create, Trouble.Refused)] = CallRule.Always(Remedy.SendAgain),
        [(RemoteCall.Create, Trouble.ReplyLost)] = CallRule.AtOnce(Fault.Platform, Remedy.LookInList, Reasons.CreateAmbiguous),
        [(RemoteCall.Create, Trouble.NotArrived)] = CallRule.Until(LostCreates, Remedy.PauseRun, Reasons.CreateLost, Remedy.SendAgain),

        [(RemoteCall.List, Trouble.Account)] = CallRule.AtOnce(Fault.Account, Remedy.PauseRun, Reasons.Account),
        [(RemoteCall.List, Trouble.Rejected)] = CallRule.AtOnce(Fault.Request, Remedy.PauseRun, Reasons.CreateRejected),
        [(RemoteCall.List, Trouble.Refused)] = CallRule.Always(Remedy.AskAgain),
        [(RemoteCall.List, Trouble.Unreachable)] = CallRule.Always(Remedy.AskAgain),

        [(RemoteCall.Retrieve, Trouble.Account)] = CallRule.AtOnce(Fault.Account, Remedy.PauseRun, Reasons.Account),
        [(RemoteCall.Retrieve, Trouble.NotFound)] = CallRule.Until(FalseNotFound, Remedy.HoldRun, Reasons.BatchGone),
        [(RemoteCall.Retrieve, Trouble.Refused)] = CallRule.Always(Remedy.AskAgain),
        [(RemoteCall.Retrieve, Trouble.Unreachable)] = CallRule.Always(Remedy.AskAgain),

        [(RemoteCall.Results, Trouble.Account)] = CallRule.AtOnce(Fault.Account, Remedy.PauseRun, Reasons.Account),
        [(RemoteCall.Results, Trouble.NotFound)] = CallRule.Until(FalseNotFound, Remedy.HoldRun, Reasons.ResultMissing + ".not_found"),
        [(RemoteCall.Results, Trouble.Refused)] = CallRule.Until(Outage, Remedy.HoldRun, Reasons.ResultBroken + ".refused"),
        [(RemoteCall.Results, Trouble.Unreachable)] = CallRule.Always(Remedy.AskAgain),
        [(RemoteCall.Results, Trouble.Broken)] = CallRule.Until(BrokenDownloads, Remedy.HoldRun, Reasons.ResultBroken),
        [(RemoteCall.Results, Trouble.Gone)] = CallRule.AtOnce(Fault.Operator, Remedy.HoldRun, Reasons.ResultMissing + ".gone"),

        [(RemoteCall.Message, Trouble.Rejected)] = CallRule.AtOnce(Fault.Operator, Remedy.PauseRun, Reasons.CreateRejected),
        [(RemoteCall.Message, Trouble.Refused)] = CallRule.Until(Outage, Remedy.SpendTry, "", Remedy.SendAgain),
        [(RemoteCall.Message, Trouble.Unreachable)] = CallRule.Always(Remedy.SendAgain),
        [(RemoteCall.Message, Trouble.ReplyLost)] = CallRule.Until(LostWaves, Remedy.PauseRun, Reasons.FallbackFailed, Remedy.GoOn),
    };

    /// <exception cref="KeyNotFoundException">The call does not know this trouble.</exception>
    public static CallRule Of(RemoteCall call, Trouble trouble) => Rules[(call, trouble)];

    public static bool Knows(RemoteCall call, Trouble trouble) => Rules.ContainsKey((call, trouble));

    /// <summary>What an error that the API answered with is to a call.</summary>
    public static Trouble TroubleOf(RemoteCall call, ErrorCause cause) => (call, cause) switch
    {
        (_, ErrorCause.Account) => Trouble.Account,
        (_, ErrorCause.RateLimited or ErrorCause.Transient) => Trouble.Refused,
        (RemoteCall.Results, ErrorCause.Request or ErrorCause.TooLarge or ErrorCause.NotFound) => Trouble.NotFound,
        (RemoteCall.Retrieve, ErrorCause.NotFound) => Trouble.NotFound,
        // A batch that exists is asked for with nothing but its id: such an answer is the service's own trouble.
        (RemoteCall.Retrieve, _) => Trouble.Refused,
        _ => Trouble.Rejected,
    };
}
