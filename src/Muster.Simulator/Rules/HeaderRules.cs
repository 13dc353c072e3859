namespace Muster.Simulator.Rules;

/// <summary>What the request's headers alone decide.</summary>
internal static class HeaderRules
{
    public const string Old = "2023-06-01";
    public const string New = "2026-10-21";
    public const string LongOutput = "output-300k-2026-03-24";

    /// <summary>Betas that the documentation names; another value is refused.</summary>
    private static readonly HashSet<string> KnownBetas = new(StringComparer.Ordinal)
    {
        LongOutput, "message-batches-2024-09-24", "prompt-caching-2024-07-31", "extended-cache-ttl-2025-04-11",
        "files-api-2025-04-14", "context-1m-2025-08-07", "interleaved-thinking-2025-05-14", "mcp-client-2025-11-20",
        "structured-outputs-2025-11-13", "token-efficient-tools-2025-02-19", "context-management-2025-06-27",
    };

    public static string? JudgeVersion(string? version) => version switch
    {
        Old or New => null,
        null or "" => "anthropic-version: header is required",
        _ => $"anthropic-version: \"{version}\" is not a valid version",
    };

    public static string? JudgeBetas(IEnumerable<string?> values)
    {
        var unknown = Betas(values).Where(v => !KnownBetas.Contains(v)).ToList();
        return unknown.Count == 0
            ? null
            : $"Unexpected value(s) {string.Join(", ", unknown.Select(u => $"`{u}`"))} for the `anthropic-beta` header. "
                + "Please consult our documentation at platform.claude.com/docs or try again without the header.";
    }

    /// <summary>Of one header with commas, of several headers, or of both.</summary>
    public static IEnumerable<string> Betas(IEnumerable<string?> values) =>
        values.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The key of <c>x-api-key</c>, else of <c>Authorization: Bearer</c>; null when neither is there.</summary>
    public static string? Key(string? apiKey, string? authorization) =>
        !string.IsNullOrEmpty(apiKey) ? apiKey
        : authorization is not null && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim()
        : null;
}
