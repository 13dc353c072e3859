namespace Muster.Simulator.Faults;

/// <summary>What becomes of one request, decided when it is accepted; one byte per row, kept with the batch.</summary>
internal enum RowFate : byte
{
    Succeeded,
    Broken,
    Violation,
    Wrong,
    Refusal,
    Truncated,
    PauseTurn,

    /// <summary>The params are refused; the text follows from them.</summary>
    Invalid,
    InvalidRequestError,
    AuthenticationError,
    BillingError,
    PermissionError,
    NotFoundError,
    RateLimitError,
    TimeoutError,
    ApiError,
    OverloadedError,

    /// <summary>An error type that no client knows.</summary>
    NovelError,
    Credit,
    Expired,

    /// <summary>Expired, and only the 24 h limit says so.</summary>
    Unfinished,
    Canceled,
}

internal static class RowFates
{
    /// <summary>The low bits of a fate byte are the fate, the three above them how many of the request's cache prefixes were warm.</summary>
    public const int WarmShift = 5;
    public const byte FateMask = (1 << WarmShift) - 1;

    private static readonly (string Name, RowFate Fate)[] Known =
    [
        ("broken", RowFate.Broken), ("violation", RowFate.Violation), ("wrong", RowFate.Wrong), ("refusal", RowFate.Refusal),
        ("truncated", RowFate.Truncated), ("pause_turn", RowFate.PauseTurn), ("expired", RowFate.Expired), ("canceled", RowFate.Canceled),
        ("credit", RowFate.Credit), ("invalid_request_error", RowFate.InvalidRequestError),
        ("authentication_error", RowFate.AuthenticationError), ("billing_error", RowFate.BillingError),
        ("permission_error", RowFate.PermissionError), ("not_found_error", RowFate.NotFoundError),
        ("rate_limit_error", RowFate.RateLimitError), ("timeout_error", RowFate.TimeoutError), ("api_error", RowFate.ApiError),
        ("overloaded_error", RowFate.OverloadedError), ("novel_error", RowFate.NovelError), ("succeeded", RowFate.Succeeded),
    ];

    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    public static RowFate? Parse(string name)
    {
        foreach (var (known, fate) in Known)
        {
            if (known == name)
            {
                return fate;
            }
        }

        return null;
    }

    public static ResultKind Kind(this RowFate fate) => fate switch
    {
        <= RowFate.PauseTurn => ResultKind.Succeeded,
        RowFate.Expired or RowFate.Unfinished => ResultKind.Expired,
        RowFate.Canceled => ResultKind.Canceled,
        _ => ResultKind.Errored,
    };

    public static string ErrorType(this RowFate fate) => fate switch
    {
        RowFate.AuthenticationError => "authentication_error",
        RowFate.BillingError => "billing_error",
        RowFate.PermissionError => "permission_error",
        RowFate.NotFoundError => "not_found_error",
        RowFate.RateLimitError => "rate_limit_error",
        RowFate.TimeoutError => "timeout_error",
        RowFate.ApiError => "api_error",
        RowFate.OverloadedError => "overloaded_error",
        RowFate.NovelError => "lunar_phase_error",
        _ => "invalid_request_error",
    };

    public static string ErrorText(this RowFate fate) => fate switch
    {
        RowFate.Credit => "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        RowFate.AuthenticationError => "API key is invalid.",
        RowFate.BillingError => "There is an issue with your billing or payment information.",
        RowFate.PermissionError => "Your API key does not have permission to use the specified resource.",
        RowFate.NotFoundError => "The requested resource could not be found.",
        RowFate.RateLimitError => "Your account has hit a rate limit.",
        RowFate.TimeoutError => "The request timed out while processing.",
        RowFate.ApiError => "Internal server error",
        RowFate.OverloadedError => "Overloaded",
        RowFate.NovelError => "The moon is in the wrong phase.",
        _ => "messages.0.content: the content could not be processed",
    };
}

internal enum ResultKind
{
    Succeeded,
    Errored,
    Canceled,
    Expired,
}
