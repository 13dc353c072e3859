using System.Text;
using System.Text.Json;
using Muster.Simulator.Answers;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>POST /v1/messages, with the same engines and the same refusals as a request of a batch, at once.</summary>
internal static class SendMessage
{
    private const int TokensPerMinute = 10_000_000;

    /// <summary>A request header of the simulator's alone: the id under which an oracle knows the row, which a batch has in its custom_id.</summary>
    private const string RowHeader = "x-sim-custom-id";

    public static async Task<Reply> HandleAsync(Call call, Service service)
    {
        var (request, refusal) = await SyncRequest.ReadAsync(call, service, needsMaxTokens: true);
        if (request is null)
        {
            return refusal!;
        }

        AddTokenLimits(call, service);
        var ask = new Ask();
        ask.ReadText(request.Body, request.Facts);
        var hash = Chance.Hash(service.Options.Seed, request.Body);
        var fate = service.Desk.Fate(new RowIdentity(hash, hash), request.Facts.Model.Of(request.Body), ask.Text);
        // What ends by a batch's clock or its cancellation is answered at once here.
        if (fate.Kind() is ResultKind.Expired or ResultKind.Canceled)
        {
            fate = RowFate.Succeeded;
        }

        if (fate.Kind() != ResultKind.Succeeded)
        {
            var type = fate.Kind() == ResultKind.Errored ? fate.ErrorType() : "api_error";
            return Reply.Error(StatusOf(type), type, fate.ErrorText(), call.RequestId);
        }

        var prefixes = new CachePrefixes(service.Parts);
        var level = 0;
        foreach (var prefix in prefixes.Find(request.Body, request.Facts, request.Model))
        {
            level += service.Shelf.Warm.HoldsFromSync(prefix.Hash, call.Now) ? 1 : 0;
            service.Shelf.Warm.WarmBySync(prefix.Hash, call.Now, prefix.OneHour);
        }

        var into = new ByteBuffer();
        service.NewMessages().Write(
            into, Encoding.ASCII.GetBytes(call.Http.Request.Headers[RowHeader].ToString() is { Length: > 0 } row ? row : call.RequestId), request.Body, request.Facts, request.Model, fate, level, ServiceTier.Standard);
        var message = into.Written.ToArray();
        using (var read = JsonDocument.Parse(message))
        {
            var usage = read.RootElement.GetProperty("usage");
            service.Shelf.Truth.Answer(hash, usage.GetProperty("input_tokens").GetInt64(), usage.GetProperty("output_tokens").GetInt64());
        }

        return new Reply(200, message);
    }

    private static int StatusOf(string type) => type switch
    {
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        "invalid_request_error" => 400,
        _ => 500,
    };

    private static void AddTokenLimits(Call call, Service service)
    {
        if (!service.Options.Wire.RateLimitHeaders)
        {
            return;
        }

        var headers = call.Http.Response.Headers;
        foreach (var kind in (string[])["tokens", "input-tokens", "output-tokens"])
        {
            headers[$"anthropic-ratelimit-{kind}-limit"] = TokensPerMinute.ToString();
            headers[$"anthropic-ratelimit-{kind}-remaining"] = TokensPerMinute.ToString();
            headers[$"anthropic-ratelimit-{kind}-reset"] = call.Now.ToString("yyyy-MM-ddTHH:mm:ssZ");
        }
    }
}
