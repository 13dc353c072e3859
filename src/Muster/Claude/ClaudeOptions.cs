namespace Muster.Claude;

/// <summary>Where the remote is and with which key it is asked.</summary>
/// <param name="BaseUrl">Scheme, host and port, without <c>/v1</c>. Default <c>https://api.anthropic.com</c>.</param>
/// <param name="ApiKey">Read from <c>ANTHROPIC_API_KEY</c>, never from a file or an argument.</param>
public sealed record ClaudeOptions(Uri BaseUrl, Secret ApiKey)
{
    public static readonly Uri PublicBaseUrl = new("https://api.anthropic.com");

    /// <summary>Read from <c>ANTHROPIC_API_KEY</c>, never from a file or an argument.</summary>
    /// <exception cref="ClaudeException">It has a character that cannot stand in a header; an error of the transport would print it whole.</exception>
    public Secret ApiKey { get; init; } = Sendable(ApiKey);

    /// <summary>The API version every call of ours names, and every batch is stored with.</summary>
    public const string ApiVersion = "2026-10-21";

    /// <summary>No bytes for this long ends a reply's body. Default 60 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>No headers for this long ends a call that creates nothing. Default 60 s.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>No headers for this long after the last byte leaves a create's outcome unknown. Default 10 min.</summary>
    public TimeSpan CreateReplyTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Measures the timeouts.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>From <c>ANTHROPIC_API_KEY</c> and <c>ANTHROPIC_BASE_URL</c>, as the official SDKs use them.</summary>
    /// <exception cref="ClaudeException">No key, or a base URL that is none.</exception>
    public static ClaudeOptions FromEnvironment()
    {
        var key = Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY");
        if (string.IsNullOrWhiteSpace(key))
            throw new ClaudeException("ANTHROPIC_API_KEY is not set.",
                "Set it to a key of your workspace, or run `muster simulate` and use the `export` lines that it prints; no key is needed there.");
        var url = Environment.GetEnvironmentVariable("ANTHROPIC_BASE_URL");
        return new ClaudeOptions(string.IsNullOrWhiteSpace(url) ? PublicBaseUrl : Parse(url), new Secret(key.Trim()));
    }

    private static Secret Sendable(Secret key) => key.Reveal().AsSpan().IndexOfAnyExceptInRange('!', '~') switch
    {
        -1 => key,
        var at => throw new ClaudeException($"The API key has a character at place {at + 1} that no key has: a space, a line break or one that is not ASCII.",
            "Set ANTHROPIC_API_KEY again, without quotes and line breaks."),
    };

    private static Uri Parse(string url)
    {
        // Before anything quotes it.
        if (url.Contains('@', StringComparison.Ordinal))
            throw new ClaudeException("ANTHROPIC_BASE_URL holds a user name or a password.",
                "Leave out what stands before the @; the key goes into ANTHROPIC_API_KEY.");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new ClaudeException($"ANTHROPIC_BASE_URL is {Excerpt.Quoted(url)}, which is not an http or https address.",
                "Set it to scheme, host and port, for example http://127.0.0.1:8080, or unset it to use the real service.");
        if (uri.Scheme == "http" && !uri.IsLoopback)
            throw new ClaudeException($"ANTHROPIC_BASE_URL is {Excerpt.Quoted(url)}: the key would leave this machine unencrypted.",
                "Use https, or an address on this machine.");
        return uri;
    }
}

/// <summary>The remote cannot be asked, or refuses the account as a whole.</summary>
public sealed class ClaudeException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);
