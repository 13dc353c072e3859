using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Network;

/// <summary>A download that comes in pieces, with whatever happens to it on the way.</summary>
internal sealed class ResultStream : OneWayStream
{
    private readonly VirtualNetwork network;
    private readonly VirtualProcess process;
    private readonly byte[] bytes;
    private readonly StreamFate fate;
    private readonly int end;
    private int at;
    private bool paused;

    public ResultStream(VirtualNetwork network, VirtualProcess process, byte[] bytes, StreamFate fate)
    {
        (this.network, this.process, this.bytes, this.fate) = (network, process, bytes, fate);
        end = fate switch
        {
            StreamFate.Well or StreamFate.Pause => bytes.Length,
            StreamFate.EndBetweenLines => bytes.AsSpan(0, Somewhere()).LastIndexOf((byte)'\n') + 1,
            _ => Somewhere(),
        };
    }

    public override bool CanRead => true;

    private int Somewhere() => network.World.Random.Below(bytes.Length + 1);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = Math.Min(Math.Min(buffer.Length, end - at), network.World.Random.Between(1, Math.Max(1, bytes.Length / 2)));
        if (piece == 0 && fate == StreamFate.Well)
            return new ValueTask<int>(0);
        var read = new TaskCompletionSource<int>();
        cancellationToken.UnsafeRegister(_ => network.World.At(TimeSpan.Zero, process, () => read.TrySetCanceled(cancellationToken)), null);
        if (piece == 0 && fate == StreamFate.Stall)
            return new ValueTask<int>(read.Task);
        var wait = fate == StreamFate.Pause && !paused && at > 0 ? network.World.Random.Seconds(1, 50) : network.Latency;
        paused |= at > 0;
        network.World.At(wait, process, () =>
        {
            if (read.Task.IsCompleted)
                return;
            if (piece == 0 && fate == StreamFate.ResetInLine)
            {
                read.TrySetException(new IOException("The connection was reset."));
                return;
            }

            bytes.AsSpan(at, piece).CopyTo(buffer.Span);
            at += piece;
            read.TrySetResult(piece);
        });
        return new ValueTask<int>(read.Task);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
