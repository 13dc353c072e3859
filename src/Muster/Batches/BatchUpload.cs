using System.Buffers;
using System.Security.Cryptography;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Sends a sealed batch: renders it again while streaming, and opens the gate for the last bytes.</summary>
internal sealed class BatchUpload(RunContext context, Batch batch)
{
    /// <summary>Rendered bytes collected before they are written to the connection.</summary>
    private const int BlockBytes = 1 << 15;

    private readonly long startedAt = context.Time.GetTimestamp();

    public async Task<CreateOutcome> SendAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(UploadDeadline.For(batch.BodyBytes) + context.Client.Options.CreateReplyTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var content = new SealedContent(batch.BodyBytes, WriteHeadAsync, BatchPacker.Tail, OpenGateAsync);
        return await context.Client.CreateAsync(content, either.Token);
    }

    private async Task WriteHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var renderer = context.Tools.Renderers[batch.Tier];
        var input = context.Tools.Prompt.NewRow();
        var buffer = new ArrayBufferWriter<byte>(BlockBytes * 2);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        buffer.Write(BatchPacker.Head);
        var rows = 0;
        await foreach (var row in context.Store.ReadBatchAsync(batch.Id, cancellationToken))
        {
            if (rows++ > 0)
                buffer.Write(","u8);
            if (RequestBytes.Render(renderer, input, row, row.IdPart, context.Run.Tag, batch.Nonce, buffer) is { } fault)
                throw new GateClosedException($"row {row.RowId} can no longer be rendered: {fault.Detail}");
            if (buffer.WrittenCount >= BlockBytes)
                await FlushAsync();
        }

        await FlushAsync();
        hash.AppendData(BatchPacker.Tail.Span);
        if (!string.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), batch.BodySha256, StringComparison.Ordinal))
            throw new GateClosedException("the body is not the one that was sealed");

        async Task FlushAsync()
        {
            hash.AppendData(buffer.WrittenSpan);
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
    }

    /// <summary>The only await between a durable "sending" and the last bytes is this one's own return.</summary>
    private async Task<string?> OpenGateAsync(CancellationToken cancellationToken)
    {
        if (context.Time.GetElapsedTime(startedAt) > UploadDeadline.For(batch.BodyBytes))
            throw new GateClosedException("the upload took longer than its deadline") { IsSlow = true };
        var issuedAt = context.Time.GetTimestamp();
        if (!await context.Store.OpenGateAsync(batch.Id, batch.Nonce, context.ServerNow, cancellationToken))
            return "the intent was replaced";
        return context.Time.GetElapsedTime(issuedAt) > UploadDeadline.GateAge
            ? "the process stood still between the gate and the last bytes"
            : null;
    }
}
