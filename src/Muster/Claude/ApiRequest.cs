using System.Net;

namespace Muster.Claude;

/// <summary>A call that the SDK does not make for us, with the headers that every call of ours bears.</summary>
internal static class ApiRequest
{
    public static HttpRequestMessage Of(ClaudeOptions options, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(options.BaseUrl, path)) { Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("x-api-key", options.ApiKey.Reveal());
        request.Headers.TryAddWithoutValidation("anthropic-version", ClaudeOptions.ApiVersion);
        request.Headers.TryAddWithoutValidation("user-agent", $"muster/{typeof(ApiRequest).Assembly.GetName().Version?.ToString(3)}");
        return request;
    }
}
