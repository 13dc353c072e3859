using System.IO.Compression;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Wire;

/// <summary>Puts replies on the wire with the service's headers, and loses, cuts or delays them when a fault says so.</summary>
internal sealed class Sender(Service service)
{
    public Task SendAsync(Call call, Reply reply) => WriteAsync(call, reply, BodyPart.Whole);

    public async Task SendWithFaultAsync(Call call, Reply reply)
    {
        switch (call.Fault)
        {
            case { Fault: CallFaultKind.ResetAfter }:
                Reset(call.Http);
                break;
            case { Fault: CallFaultKind.CutBody }:
                await WriteAsync(call, reply, BodyPart.FirstHalf);
                CutShort(call.Http);
                break;
            case { Fault: CallFaultKind.StatusAfter } fault:
                await SendAsync(call, FaultReplies.Of(fault, call.RequestId));
                break;
            case { Fault: CallFaultKind.DelayAfter } fault:
                await WaitAsync(fault, call);
                await SendAsync(call, reply);
                break;
            case { Fault: CallFaultKind.DelayBody } fault:
                SetHeaders(call, reply);
                await call.Http.Response.StartAsync(call.Http.RequestAborted);
                await call.Http.Response.Body.FlushAsync(call.Http.RequestAborted);
                await WaitAsync(fault, call);
                await call.Http.Response.Body.WriteAsync(reply.Body, call.Http.RequestAborted);
                break;
            case { Fault: CallFaultKind.GarbageBody }:
                await SendAsync(call, reply with { Status = 200, Body = "\u0000\u0007<garbage>{\"id\":"u8.ToArray() });
                break;
            case { Fault: CallFaultKind.UnknownShape }:
                await SendAsync(call, reply with { Status = 200, Body = """{"kind":"lunar_phase","waxing":true,"items":[[1],null]}"""u8.ToArray() });
                break;
            default:
                await SendAsync(call, reply);
                break;
        }
    }

    public Task WaitAsync(CallFault fault, Call call) =>
        Task.Delay(TimeSpan.FromSeconds(fault.Seconds), service.Clock, call.Http.RequestAborted);

    /// <summary>A TCP reset, not an orderly end: pending bytes are thrown away.</summary>
    public static void Reset(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        http.Abort();
    }

    /// <summary>
    /// Ends a reply in the middle of its body: what was written arrives, and then the connection is closed. A reset would take the
    /// headers back where the client has not read them yet.
    /// </summary>
    public static void CutShort(HttpContext http)
    {
        if (http.Features.Get<IConnectionSocketFeature>() is not null)
        {
            // The server sends what it has and leaves out the end of a chunked body when its application fails.
            throw new CutShortException();
        }

        http.Abort();
    }

    public void SetHeaders(Call call, Reply reply)
    {
        var response = call.Http.Response;
        response.StatusCode = reply.Status;
        SetCommonHeaders(call);
        response.ContentType = reply.ContentType.Length == 0 ? null : reply.ContentType;
        if (reply.RetryAfter is not null)
        {
            response.Headers.RetryAfter = reply.RetryAfter;
        }

        if (reply.ShouldRetry is { } retry)
        {
            response.Headers["x-should-retry"] = retry ? "true" : "false";
        }

        ApplyHeaderFault(call);
    }

    public void SetCommonHeaders(Call call)
    {
        var headers = call.Http.Response.Headers;
        headers.Date = call.Now.ToString("R");
        headers["request-id"] = call.RequestId;
        if (call.Workspace.Length > 0)
        {
            headers["anthropic-organization-id"] = service.OrganizationId();
            headers["anthropic-workspace-id"] = service.WorkspaceId(call.Workspace);
        }

        headers.Server = "cloudflare";
        headers["cf-ray"] = call.RequestId[^16..].ToLowerInvariant() + "-SIM";
        headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains; preload";
        headers.Vary = "Accept-Encoding";
        headers["server-timing"] = "x-originResponse;dur=1";
    }

    /// <summary>After every other header is set: what a fault sets or leaves out is what goes out.</summary>
    public static void ApplyHeaderFault(Call call)
    {
        foreach (var (name, value) in call.Fault?.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (value.Length == 0)
            {
                call.Http.Response.Headers.Remove(name);
            }
            else
            {
                call.Http.Response.Headers[name] = value;
            }
        }
    }

    /// <summary>The body stream, compressed when both sides want that.</summary>
    public Stream Body(HttpContext http)
    {
        if (!service.Options.Wire.Gzip || !http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            return http.Response.Body;
        }

        http.Response.Headers.ContentEncoding = "gzip";
        return new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
    }

    private async Task WriteAsync(Call call, Reply reply, BodyPart part)
    {
        SetHeaders(call, reply);
        var body = Body(call.Http);
        // Starting before the first byte keeps the reply chunked, as the service's are.
        await call.Http.Response.StartAsync(call.Http.RequestAborted);
        await body.WriteAsync(reply.Body.AsMemory(0, part == BodyPart.Whole ? reply.Body.Length : reply.Body.Length / 2), call.Http.RequestAborted);
        await body.FlushAsync(call.Http.RequestAborted);
        if (body is GZipStream)
        {
            await body.DisposeAsync();
        }
    }

    private enum BodyPart
    {
        Whole,
        FirstHalf,
    }
}
