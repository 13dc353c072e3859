using System.Net;

namespace Muster.Claude;

/// <summary>
/// The body of a create: exact length, streamed, its last bytes held back until the gate lets them go. It can be sent once; a
/// second serialization (a redirect, a proxy's challenge, a retrying handler) throws before a byte leaves.
/// </summary>
/// <param name="length">Exact length of the whole body.</param>
/// <param name="writeHead">Writes everything but <paramref name="tail"/>.</param>
/// <param name="tail">The closing bytes, without which the body is not JSON and creates nothing.</param>
/// <param name="gate">Returns null to let the tail go, or why not.</param>
internal sealed class SealedContent(
    long length, Func<Stream, CancellationToken, Task> writeHead, ReadOnlyMemory<byte> tail, Func<CancellationToken, Task<string?>> gate)
    : HttpContent
{
    private const int Untouched = 0, Started = 1, Closed = 2;

    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int progress = Untouched;
    private volatile bool stopped;
    private volatile bool gatePassed;

    /// <summary>True once the gate let the tail go: from here on the outcome can only be learned from the remote.</summary>
    public bool GatePassed => gatePassed;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref progress, Started, Untouched) != Untouched)
            throw new GateClosedException("the body was asked for a second time; a create is never sent twice");
        try
        {
            await writeHead(stream, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            if (stopped)
                throw new GateClosedException("the call was over before the body was");
            cancellationToken.ThrowIfCancellationRequested();
            if (await gate(cancellationToken) is { } refusal)
                throw new GateClosedException(refusal);
            cancellationToken.ThrowIfCancellationRequested();
            gatePassed = true;
            await stream.WriteAsync(tail, CancellationToken.None);
            await stream.FlushAsync(CancellationToken.None);
        }
        finally
        {
            ended.TrySetResult();
        }
    }

    /// <summary>
    /// Waits for a serialization that outlives its call and lets none begin: a client that fails or is canceled while it reads the
    /// reply does not wait for its own sending, and the store behind the body has one caller at a time.
    /// </summary>
    public Task StopAsync()
    {
        stopped = true;
        return Interlocked.CompareExchange(ref progress, Closed, Untouched) == Started ? ended.Task : Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}

/// <summary>The gate refused the last bytes: nothing was created.</summary>
internal sealed class GateClosedException(string why) : Exception(why)
{
    /// <summary>True when the connection took too long, and not we refused.</summary>
    public bool IsSlow { get; init; }
}
