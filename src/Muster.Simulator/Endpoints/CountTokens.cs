using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>POST /v1/messages/count_tokens: free, and blind to caches.</summary>
internal static class CountTokens
{
    public static async Task<Reply> HandleAsync(Call call, Service service)
    {
        var (request, refusal) = await SyncRequest.ReadAsync(call, service, needsMaxTokens: false);
        return request is null
            ? refusal!
            : Reply.Json(w =>
            {
                w.WriteStartObject();
                w.WriteNumber("input_tokens", service.NewMessages().InputTokens(request.Body, request.Facts, request.Model));
                w.WriteEndObject();
            });
    }
}
