using Microsoft.AspNetCore.Http;
using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>GET /v1/messages/batches/{id}/results: lines are made while they are sent, so nothing of the size of a batch is held.</summary>
internal static class DownloadResults
{
    private const int FlushBytes = 64 * 1024;

    public static async Task HandleAsync(Call call, string id, Service service, Sender sender)
    {
        if (Refuse(call, id, service, out var batch) is { } refusal)
        {
            await sender.SendWithFaultAsync(call, refusal);
            return;
        }

        switch (call.Fault)
        {
            case { Fault: CallFaultKind.ResetAfter }:
                Sender.Reset(call.Http);
                return;
            case { Fault: CallFaultKind.StatusAfter or CallFaultKind.GarbageBody or CallFaultKind.UnknownShape }:
                await sender.SendWithFaultAsync(call, Reply.Error(500, "api_error", "", call.RequestId));
                return;
            case { Fault: CallFaultKind.DelayAfter } delay:
                await sender.WaitAsync(delay, call);
                break;
            default:
                break;
        }

        SetHeaders(call, batch!, service, sender);
        await StreamAsync(call, batch!, service, sender);
    }

    private static Reply? Refuse(Call call, string id, Service service, out BatchRecord? batch)
    {
        batch = service.Shelf.Find(id, call.Workspace, call.Now);
        if (batch is null)
        {
            return service.NoBatch(id, call);
        }

        if (service.Options.Wire.RefuseRange && call.Http.Request.Headers.Range.Count > 0)
        {
            return Reply.Error(416, "invalid_request_error", "Range is not supported on results.", call.RequestId);
        }

        if (call.Now >= batch.ArchivedAt)
        {
            var status = service.Options.Wire.ArchivedResultsStatus;
            return status == 404
                ? Reply.NoResults(id, call.RequestId)
                : Reply.Error(status, ErrorTypes.TypeOf(status), $"Message Batch {id} has been archived.", call.RequestId);
        }

        return batch.StatusAt(call.Now) != BatchStatus.Ended
            || call.Now < batch.EndedAt.AddSeconds(service.Desk.Plan.NotFoundAfterEndSeconds)
            ? Reply.NoResults(id, call.RequestId)
            : null;
    }

    private static void SetHeaders(Call call, BatchRecord batch, Service service, Sender sender)
    {
        sender.SetCommonHeaders(call);
        var response = call.Http.Response;
        response.StatusCode = 200;
        response.ContentType = service.Options.Wire.ResultsContentType is { Length: > 0 } type ? type : null;
        response.Headers.ContentDisposition = $"attachment; filename*=utf-8''{batch.Id}_results.jsonl";
        Sender.ApplyHeaderFault(call);
    }

    private static async Task StreamAsync(Call call, BatchRecord batch, Service service, Sender sender)
    {
        var http = call.Http;
        var download = batch.NextDownload();
        var order = RowOrder.Of(batch.Count, service.Options.Seed ^ (ulong)batch.Number, service.Options.Wire.ReshuffleResults ? (ulong)download : 0);
        var lines = new LineDamage(service, batch, download);
        var buffer = new ByteBuffer(FlushBytes * 2);
        var body = sender.Body(http);
        await http.Response.StartAsync(http.RequestAborted);
        if (call.Fault is { Fault: CallFaultKind.DelayBody } delay)
        {
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await sender.WaitAsync(delay, call);
        }

        var pace = new Pace(service.Options.Wire.ResultsBytesPerSecond, service.Clock);
        for (var i = 0; i < order.Length; i++)
        {
            var before = buffer.Length;
            lines.Write(order[i], buffer);
            if (call.Fault is { } fault && i + 1 == Math.Max(1, fault.AfterLines)
                && await BreakOffAsync(call, fault, before, buffer, body, sender))
            {
                return;
            }

            if (buffer.Length >= FlushBytes)
            {
                await body.WriteAsync(buffer.Memory, http.RequestAborted);
                await pace.TakeAsync(buffer.Length, http.RequestAborted);
                buffer.Clear();
            }
        }

        lines.WriteExtra(buffer);
        await body.WriteAsync(buffer.Memory, http.RequestAborted);
        if (body != http.Response.Body)
        {
            await body.DisposeAsync();
        }

        if (lines.Bill is { } bill)
        {
            service.Shelf.Settle(batch, bill);
        }
    }

    /// <summary>True when the stream is over; a stall only holds it up.</summary>
    private static async Task<bool> BreakOffAsync(Call call, CallFault fault, int lineStart, ByteBuffer buffer, Stream body, Sender sender)
    {
        var http = call.Http;
        switch (fault.Fault)
        {
            case CallFaultKind.ResetInLine or CallFaultKind.CutBody:
                buffer.Truncate((lineStart + buffer.Length) / 2);
                await body.WriteAsync(buffer.Memory, http.RequestAborted);
                await body.FlushAsync(http.RequestAborted);
                if (fault.Fault == CallFaultKind.CutBody)
                {
                    Sender.CutShort(http);
                }
                else
                {
                    Sender.Reset(http);
                }

                return true;
            case CallFaultKind.EndInLine:
                buffer.Truncate((lineStart + buffer.Length) / 2);
                await body.WriteAsync(buffer.Memory, http.RequestAborted);
                return true;
            case CallFaultKind.EndBetweenLines:
                await body.WriteAsync(buffer.Memory, http.RequestAborted);
                return true;
            case CallFaultKind.Stall:
                await body.WriteAsync(buffer.Memory, http.RequestAborted);
                await body.FlushAsync(http.RequestAborted);
                buffer.Clear();
                await sender.WaitAsync(fault, call);
                return false;
            default:
                return false;
        }
    }
}
