using Muster.Simulator.Batches;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>GET /v1/messages/batches: newest first; unknown query parameters filter nothing.</summary>
internal static class ListBatches
{
    private const int UsualLimit = 20;
    private const int MaxLimit = 1_000;

    public static Reply Handle(Call call, Service service)
    {
        var query = call.Http.Request.Query;
        var limit = UsualLimit;
        if (query.TryGetValue("limit", out var text) && !int.TryParse(text, out limit))
        {
            return Reply.Refused("limit: Input should be a valid integer, unable to parse string as an integer", call.RequestId);
        }

        if (limit is < 1 or > MaxLimit)
        {
            return Reply.Refused(
                limit < 1 ? "limit: Input should be greater than or equal to 1" : "limit: Input should be less than or equal to 1000", call.RequestId);
        }

        var all = service.Shelf.List(call.Workspace, call.Now);
        string? after = query["after_id"], before = query["before_id"];
        if (after is not null && before is not null)
        {
            return Reply.Refused("after_id and before_id cannot both be given", call.RequestId);
        }

        var cursor = after ?? before;
        var at = cursor is null ? -1 : IndexOf(all, cursor);
        if (cursor is not null && at < 0)
        {
            return service.NoBatch(cursor, call);
        }

        var (start, end) = before is null
            ? (at + 1, Math.Min(all.Count, at + 1 + limit))
            : (Math.Max(0, at - limit), at);
        var more = before is null ? end < all.Count : start > 0;
        return Reply.Json(w =>
        {
            w.WriteStartObject();
            w.WriteStartArray("data");
            for (var i = start; i < end; i++)
            {
                BatchJson.Write(w, all[i], call.Now, service);
            }

            w.WriteEndArray();
            w.WriteBoolean("has_more", more);
            w.WriteString("first_id", start < end ? all[start].Id : null);
            w.WriteString("last_id", start < end ? all[end - 1].Id : null);
            w.WriteEndObject();
        });
    }

    private static int IndexOf(IReadOnlyList<BatchRecord> batches, string id)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            if (batches[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }
}
