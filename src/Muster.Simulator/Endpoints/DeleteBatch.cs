using Muster.Simulator.Batches;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>DELETE /v1/messages/batches/{id}, once it has ended.</summary>
internal static class DeleteBatch
{
    public static Reply Handle(Call call, string id, Service service)
    {
        if (service.Shelf.Find(id, call.Workspace, call.Now) is not { } batch)
        {
            return service.NoBatch(id, call);
        }

        if (batch.StatusAt(call.Now) != BatchStatus.Ended)
        {
            return Reply.Refused("In progress batches cannot be deleted. Consider canceling the batch instead.", call.RequestId);
        }

        if (batch.CancelAt is not null && service.Options.Wire.RefuseDeleteOfCanceled)
        {
            return Reply.Refused("Canceled batches cannot be deleted.", call.RequestId);
        }

        service.Shelf.Delete(batch);
        return Reply.Json(w =>
        {
            w.WriteStartObject();
            w.WriteString("id", id);
            w.WriteString("type", "message_batch_deleted");
            w.WriteEndObject();
        });
    }
}
