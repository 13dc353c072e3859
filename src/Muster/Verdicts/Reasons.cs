namespace Muster.Verdicts;

/// <summary>
/// The reason codes, <c>STAGE.CODE</c>. Each is a row of <c>reason-codes.json</c>, where its meaning and disposition stand; a test
/// compares the two. A detail follows a dot: <c>SHP.SCHEMA./category</c>.
/// </summary>
public static class Reasons
{
    public const string BadRecord = "REQ.BAD_RECORD";
    public const string DuplicateKey = "REQ.DUPLICATE_KEY";
    public const string RenderFailed = "REQ.RENDER_FAILED";
    public const string InputTooLarge = "REQ.INPUT_TOO_LARGE";
    public const string CostCap = "REQ.COST_CAP";

    public const string CreateRejected = "API.CREATE_REJECTED";
    public const string CreateAmbiguous = "API.CREATE_AMBIGUOUS";
    public const string CreateLost = "API.CREATE_LOST";
    public const string Transient = "API.TRANSIENT";
    public const string Account = "API.ACCOUNT";
    public const string Expired = "API.EXPIRED";
    public const string Canceled = "API.CANCELED";
    public const string BatchGone = "API.BATCH_GONE";
    public const string RowInvalid = "API.ROW_INVALID";
    public const string ResultMissing = "API.RESULT_MISSING";
    public const string ResultBroken = "API.RESULT_BROKEN";
    public const string ResultUnmatched = "API.RESULT_UNMATCHED";

    public const string Refusal = "GEN.REFUSAL";
    public const string MaxTokens = "GEN.MAX_TOKENS";
    public const string StopUnexpected = "GEN.STOP_UNEXPECTED";

    public const string NotJson = "SHP.NOT_JSON";
    public const string Schema = "SHP.SCHEMA";
    public const string EnumUnknown = "SHP.ENUM_UNKNOWN";

    public const string Unscored = "CMP.UNSCORED";

    public const string Accounting = "AGG.ACCOUNTING";
    public const string Drift = "AGG.DRIFT";
    public const string Budget = "AGG.BUDGET";

    public const string PromotionConflict = "PRM.CONFLICT";
    public const string SourceChanged = "PRM.SOURCE_CHANGED";
    public const string TargetConstraint = "PRM.CONSTRAINT";

    public const string FallbackFailed = "RTE.FALLBACK_FAILED";

    public const string HumanRequested = "HUM.REQUESTED";
    public const string HumanRejected = "HUM.REJECTED";

    /// <summary><c>SHP.SCHEMA</c> of <c>SHP.SCHEMA./category</c>. A detail may be a name out of an output.</summary>
    internal static ReadOnlySpan<char> WithoutDetail(string reason)
    {
        var stage = reason.IndexOf('.');
        var detail = stage < 0 ? -1 : reason.IndexOf('.', stage + 1);
        return detail < 0 ? reason : reason.AsSpan(0, detail);
    }
}
