using System.Buffers;

namespace Muster.Requests;

/// <summary>Bytes of one request while it is rendered; kept and cleared from row to row, so it grows to the largest request only.</summary>
internal sealed class RequestBuffer : IBufferWriter<byte>
{
    private byte[] bytes = new byte[4_096];

    /// <summary>Bytes written. Setting it back forgets what follows.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public void CutTo(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Write(ReadOnlySpan<byte> source)
    {
        source.CopyTo(GetSpan(source.Length));
        Length += source.Length;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsSpan(Length);
    }

    private void Reserve(int sizeHint)
    {
        var needed = checked(Length + Math.Max(sizeHint, 1));
        if (needed > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(needed, (int)Math.Min(2L * bytes.Length, Array.MaxLength)));
        }
    }
}
