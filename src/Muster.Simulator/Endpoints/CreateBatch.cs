using System.Buffers;
using System.IO.Compression;
using Muster.Simulator.Batches;
using Muster.Simulator.Rules;
using Muster.Simulator.Wire;

namespace Muster.Simulator.Endpoints;

/// <summary>POST /v1/messages/batches. An incomplete body throws out of the read and leaves nothing behind.</summary>
internal static class CreateBatch
{
    private const int FirstBuffer = 512 * 1024;
    private const int MinRoom = 64 * 1024;

    public static async Task<Reply> HandleAsync(Call call, Service service)
    {
        service.Shelf.Truth.SawCreate();
        var http = call.Http;
        var options = service.Options;
        var encoding = http.Request.Headers.ContentEncoding.ToString().ToLowerInvariant();
        var packed = encoding == "gzip" && options.Wire.GzipCreateBodies;
        if (!packed && encoding is not ("" or "identity"))
        {
            await BodyReader.DrainAsync(http, options.MaxBodyBytes);
            return Reply.Error(
                400, "invalid_request_error", $"Content-Encoding {http.Request.Headers.ContentEncoding} is not supported.", call.RequestId,
                "request_body_encoding_unsupported");
        }

        if (options.Wire.RefuseChunkedCreate && http.Request.ContentLength is null)
        {
            await BodyReader.DrainAsync(http, options.MaxBodyBytes);
            return Reply.Refused("Content-Length: header is required", call.RequestId);
        }

        var desk = service.Desk;
        var spill = service.Shelf.NewSpill();
        var accepted = false;
        try
        {
            var rules = new IntakeRules(
                new Terms(call.Version, Mode.Batch, call.LongOutput), call.Now, options.Wire.CaseInsensitiveIds,
                options.Wire.RefuseSamplingAtCreate && call.Version == HeaderRules.New, options.Wire.CacheHitRate, options.Wire.CacheHitRateAfterSync);
            var intake = new RowIntake(spill, desk, service.Models, service.Parts, service.Shelf.Warm, rules);
            var scanner = new RequestScanner(
                options.MaxRequestsPerBatch, intake.Take, options.Wire.TooManyText is { Length: > 0 } text ? text : CreateRules.TooMany(options.MaxRequestsPerBatch));
            await using var body = packed ? new GZipStream(http.Request.Body, CompressionMode.Decompress, leaveOpen: true) : http.Request.Body;
            if (!await ReadAsync(body, scanner, options.MaxBodyBytes, http.RequestAborted))
            {
                return options.Wire.HtmlTooLarge
                    ? Reply.Html(413)
                    : Reply.Error(413, "request_too_large", ErrorTypes.TextOf(413), call.RequestId, packed ? "request_body_too_large_after_decoding" : null);
            }

            if (scanner.Refusal is { } refusal)
            {
                return Reply.Refused(refusal, call.RequestId);
            }

            if (options.QueuedRequests is { } places && service.Shelf.QueuedAt(call.Now) + scanner.Count > places)
            {
                return Reply.Error(
                    429, "rate_limit_error",
                    options.Wire.QueueFullText is { Length: > 0 } full ? full : $"This request would exceed your limit of {places} queued batch requests.",
                    call.RequestId);
            }

            spill.Seal();
            var batch = service.Shelf.Accept(spill, intake, call, service.Clock, desk.Plan);
            accepted = true;

            // A batch that ends at once is still in progress in the reply to its create.
            return Reply.Json(w => BatchJson.Write(w, batch, batch.CreatedAt.AddTicks(-1), service));
        }
        catch (InvalidDataException e) when (packed)
        {
            return Reply.Error(
                400, "invalid_request_error", $"The request body is not valid gzip: {e.Message}", call.RequestId, "request_body_encoding_invalid");
        }
        finally
        {
            if (!accepted)
            {
                spill.Delete();
            }
        }
    }

    /// <summary>False when the body is longer than allowed; that counts before anything its content says.</summary>
    private static async Task<bool> ReadAsync(Stream body, RequestScanner scanner, long limit, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            int start = 0, end = 0, enough = 1;
            for (long total = 0; ;)
            {
                if (buffer.Length - end < MinRoom)
                {
                    (buffer, start, end) = MakeRoom(buffer, start, end);
                }

                var got = await body.ReadAsync(buffer.AsMemory(end), ct);
                total += got;
                if (total > limit)
                {
                    return false;
                }

                end += got;
                if (scanner.Refusal is null && (got == 0 || end - start >= enough))
                {
                    start += scanner.Scan(buffer.AsSpan(start, end - start), last: got == 0);
                    // A value longer than what is here would be read again from its start at each piece; doubling keeps that linear.
                    enough = scanner.Progressed ? 1 : (end - start) * 2;
                }

                if (scanner.Refusal is not null)
                {
                    start = end = 0;
                }

                if (got == 0)
                {
                    return true;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static (byte[] Buffer, int Start, int End) MakeRoom(byte[] buffer, int start, int end)
    {
        var kept = end - start;
        var into = kept > buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(buffer.Length * 2) : buffer;
        Buffer.BlockCopy(buffer, start, into, 0, kept);
        if (into != buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return (into, 0, kept);
    }
}
