using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Muster.Simulator.Endpoints;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Wire;

/// <summary>From a raw call to its endpoint: identity, headers, limits, faults. The checks stand in the order of the service's edge.</summary>
internal sealed class Router(Service service)
{
    private const string Batches = "/v1/messages/batches";
    private readonly Sender _sender = new(service);

    public async Task HandleAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (path.StartsWith("/sim/", StringComparison.Ordinal))
        {
            await Admin.HandleAsync(http, path, service);
            return;
        }

        var call = new Call(http, "", "", service.NewRequestId(), service.Clock.GetUtcNow());
        CountResend(http);
        var name = Name(http.Request.Method, path, out var id);
        if (name is null)
        {
            await _sender.SendAsync(call, Reply.NotFound("Not found", call.RequestId));
            return;
        }

        var limit = name is CallNames.Messages or CallNames.CountTokens ? service.Options.MaxSyncBodyBytes : service.Options.MaxBodyBytes;
        if (http.Request.ContentLength > limit)
        {
            await _sender.SendAsync(call, TooLarge(call));
            return;
        }

        if (Authenticate(http) is not { } workspace)
        {
            await BodyReader.DrainAsync(http, limit);
            await _sender.SendAsync(call, Reply.Error(401, "authentication_error", "API key is invalid.", call.RequestId));
            return;
        }

        var version = http.Request.Headers["anthropic-version"].ToString();
        if (service.Options.Wire.TakeFirstVersion)
        {
            version = version.Split(',')[0].Trim();
        }

        call = call with { Workspace = workspace, Version = version, Fault = service.Desk.Next(name) };
        if (HeaderRules.JudgeVersion(version) is { } badVersion)
        {
            await BodyReader.DrainAsync(http, limit);
            await _sender.SendAsync(call, Reply.Refused(badVersion, call.RequestId));
            return;
        }

        if (HeaderRules.JudgeBetas(http.Request.Headers["anthropic-beta"]) is { } badBeta)
        {
            await BodyReader.DrainAsync(http, limit);
            await _sender.SendAsync(call, Reply.Refused(badBeta, call.RequestId));
            return;
        }

        await LimitAndDispatchAsync(call, name, id, limit);
    }

    private async Task LimitAndDispatchAsync(Call call, string name, string id, long limit)
    {
        var limiter = name switch
        {
            CallNames.Messages => service.SyncCalls,
            CallNames.CountTokens => service.CountCalls,
            _ => service.BatchCalls,
        };
        var verdict = limiter.Take(call.Now);
        if (service.Options.Wire.RateLimitHeaders && limiter.PerMinute is { } perMinute)
        {
            var headers = call.Http.Response.Headers;
            headers["anthropic-ratelimit-requests-limit"] = perMinute.ToString();
            headers["anthropic-ratelimit-requests-remaining"] = verdict.Remaining.ToString();
            headers["anthropic-ratelimit-requests-reset"] = verdict.Reset.ToString("yyyy-MM-ddTHH:mm:ssZ");
        }

        if (!verdict.Allowed)
        {
            await BodyReader.DrainAsync(call.Http, limit);
            await _sender.SendAsync(call, Reply.Error(429, "rate_limit_error", ErrorTypes.TextOf(429), call.RequestId) with
            {
                RetryAfter = verdict.WaitSeconds(call.Now).ToString(),
            });
            return;
        }

        if (await FaultsInFront.ApplyAsync(call, name, id, limit, service, _sender))
        {
            return;
        }

        if (name == CallNames.Results)
        {
            await DownloadResults.HandleAsync(call, id, service, _sender);
            return;
        }

        var reply = name switch
        {
            CallNames.Create => await CreateBatch.HandleAsync(call, service),
            CallNames.Retrieve => RetrieveBatch.Handle(call, id, service),
            CallNames.List => ListBatches.Handle(call, service),
            CallNames.Cancel => await CancelBatch.HandleAsync(call, id, service),
            CallNames.Delete => DeleteBatch.Handle(call, id, service),
            CallNames.Messages => await SendMessage.HandleAsync(call, service),
            _ => await CountTokens.HandleAsync(call, service),
        };
        await _sender.SendWithFaultAsync(call, reply);
    }

    public Reply TooLarge(Call call) => service.Options.Wire.HtmlTooLarge
        ? Reply.Html(413)
        : Reply.Error(413, "request_too_large", ErrorTypes.TextOf(413), call.RequestId);

    private string? Authenticate(HttpContext http)
    {
        var key = HeaderRules.Key(http.Request.Headers["x-api-key"], http.Request.Headers.Authorization);
        return service.Desk.Plan.KeyRevoked || key is null ? null
            : key == service.Options.ApiKey ? "default"
            : service.Options.OtherKeys.GetValueOrDefault(key);
    }

    private void CountResend(HttpContext http)
    {
        if (int.TryParse(http.Request.Headers["x-stainless-retry-count"], out var sends) && sends > 0)
        {
            service.Shelf.Truth.SawResend();
        }
    }

    private static string? Name(string method, string path, out string id)
    {
        id = "";
        if (path is "/v1/messages" or "/v1/messages/count_tokens")
        {
            return method != "POST" ? null : path == "/v1/messages" ? CallNames.Messages : CallNames.CountTokens;
        }

        if (path == Batches)
        {
            return method switch { "POST" => CallNames.Create, "GET" => CallNames.List, _ => null };
        }

        if (!path.StartsWith(Batches + "/", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = path[(Batches.Length + 1)..].Split('/');
        id = parts[0];
        return (method, parts.Length, parts[^1]) switch
        {
            ("GET", 1, _) => CallNames.Retrieve,
            ("DELETE", 1, _) => CallNames.Delete,
            ("GET", 2, "results") => CallNames.Results,
            ("POST", 2, "cancel") => CallNames.Cancel,
            _ => null,
        };
    }
}
