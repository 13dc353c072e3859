using Muster.Simulator.Batches;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>GET /v1/messages/batches/{id}; <c>retry-after: 10</c> is the server's poll hint and comes only while in progress.</summary>
internal static class RetrieveBatch
{
    private const string PollHintSeconds = "10";

    public static Reply Handle(Call call, string id, Service service)
    {
        if (service.Shelf.Find(id, call.Workspace, call.Now) is not { } batch
            || call.Now < batch.CreatedAt.AddSeconds(service.Desk.Plan.NotFoundAfterCreateSeconds))
        {
            return service.NoBatch(id, call);
        }

        var reply = Reply.Json(w => BatchJson.Write(w, batch, call.Now, service));
        return batch.StatusAt(call.Now) == BatchStatus.InProgress ? reply with { RetryAfter = PollHintSeconds } : reply;
    }
}
