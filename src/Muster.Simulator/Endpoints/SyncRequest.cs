using System.Text.Json;
using Muster.Simulator.Rules;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>The body of a sync call, read and judged by the same rules as a request of a batch.</summary>
internal sealed record SyncRequest(byte[] Body, RequestFacts Facts, ModelFacts Model)
{
    public static async Task<(SyncRequest? Request, Reply? Refusal)> ReadAsync(Call call, Service service, bool needsMaxTokens)
    {
        var body = await BodyReader.ReadAllAsync(call.Http, service.Options.MaxSyncBodyBytes);
        if (body is null)
        {
            return (null, Reply.Error(413, "request_too_large", ErrorTypes.TextOf(413), call.RequestId));
        }

        var facts = new RequestFacts();
        try
        {
            using (var whole = JsonDocument.Parse(body))
            {
                if (whole.RootElement.ValueKind != JsonValueKind.Object)
                {
                    return (null, Reply.Refused(CreateRules.NotAnObject, call.RequestId));
                }
            }

            ParamsReader.Read(body, facts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, Reply.Refused(CreateRules.NotJson(e.Message), call.RequestId));
        }

        if (!needsMaxTokens)
        {
            facts.MaxTokens ??= 1;
        }

        var model = service.Models.Find(facts.Model.Of(body));
        if (ParamsRules.Judge(body, facts, model, new Terms(call.Version, Mode.Sync, LongOutput: false)) is { } error)
        {
            var status = error.Type == "not_found_error" ? 404 : 400;
            return (null, Reply.Error(status, error.Type, error.Message, call.RequestId));
        }

        return (new SyncRequest(body, facts, model!), null);
    }
}
