using Muster.Simulator.Batches;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>POST /v1/messages/batches/{id}/cancel; whatever the body holds is ignored.</summary>
internal static class CancelBatch
{
    public static async Task<Reply> HandleAsync(Call call, string id, Service service)
    {
        await BodyReader.DrainAsync(call.Http, service.Options.MaxBodyBytes);
        if (service.Shelf.Find(id, call.Workspace, call.Now) is not { } batch)
        {
            return service.NoBatch(id, call);
        }

        var status = batch.StatusAt(call.Now);
        if (status != BatchStatus.InProgress && service.Options.Wire.RefuseLateCancel)
        {
            return Reply.Refused($"Message Batch {id} cannot be canceled because it is {(status == BatchStatus.Ended ? "ended" : "canceling")}.", call.RequestId);
        }

        service.Shelf.Cancel(batch, call.Now);
        return Reply.Json(w => BatchJson.Write(w, batch, call.Now, service));
    }
}
