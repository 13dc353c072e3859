using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Network;

/// <summary>A body on its way out. Bytes count as gone when they are written: a process that dies while it waits has sent them.</summary>
internal sealed class UploadStream(VirtualNetwork network, VirtualProcess process, long length, CreateFate fate, Action<byte[]> complete) : OneWayStream
{
    private readonly MemoryStream body = new();

    public override bool CanWrite => true;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return ValueTask.CompletedTask;
        var isFirst = body.Length == 0;
        body.Write(buffer.Span);
        var isLast = body.Length == length;
        if (isFirst || isLast)
            network.OnBytes?.Invoke(body.GetBuffer().AsMemory(0, (int)body.Length), isLast);
        if (fate == CreateFate.ResetInUpload)
            return new ValueTask(Later(() => throw new IOException("The connection was reset.")));
        if (isLast)
            complete(body.ToArray());
        return new ValueTask(Later(() => { }));

        Task Later(Action then)
        {
            var written = new TaskCompletionSource();
            if (cancellationToken.CanBeCanceled)
                cancellationToken.UnsafeRegister(_ => network.World.At(TimeSpan.Zero, process, () => written.TrySetCanceled(cancellationToken)), null);
            network.World.At(network.Latency, process, () =>
            {
                try
                {
                    then();
                    written.TrySetResult();
                }
                catch (IOException reset)
                {
                    written.TrySetException(reset);
                }
            });
            return written.Task;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
