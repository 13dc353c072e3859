namespace Muster.Simulator.Wire;

/// <summary>Type and ordinary text per status. Source: section 2.5 of the API reference.</summary>
internal static class ErrorTypes
{
    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 or 408 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    public static string TextOf(int status) => status switch
    {
        401 => "API key is invalid.",
        402 => "There is an issue with your billing or payment information.",
        403 => "Your API key does not have permission to use the specified resource.",
        404 => "Not found",
        409 => "The request conflicts with another one.",
        413 => "Request exceeds the maximum size",
        429 => "This request would exceed your account's rate limit. Please try again later.",
        503 => "Service unavailable",
        504 or 408 => "The request timed out.",
        529 => "Overloaded",
        >= 500 => "Internal server error",
        _ => "The request was refused.",
    };
}
