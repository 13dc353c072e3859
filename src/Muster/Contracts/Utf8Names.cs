using System.Buffers.Binary;
using System.Numerics;

namespace Muster.Contracts;

/// <summary>
/// A fixed set of byte strings, each with its position. The set comes from the schema, so an output cannot make its chains longer.
/// </summary>
internal sealed class Utf8Names
{
    private readonly byte[][] _names;
    private readonly int[] _next;
    private readonly int[] _heads;

    public Utf8Names(IReadOnlyCollection<byte[]> names)
    {
        _names = [.. names];
        _next = new int[_names.Length];
        _heads = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, _names.Length * 2))];
        Array.Fill(_heads, -1);
        for (var i = _names.Length - 1; i >= 0; i--)
        {
            ref var head = ref _heads[Slot(_names[i])];
            _next[i] = head;
            head = i;
        }
    }

    public int Count => _names.Length;

    /// <summary>The position of the first equal name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var i = _heads[Slot(name)]; i >= 0; i = _next[i])
        {
            if (name.SequenceEqual(_names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private int Slot(ReadOnlySpan<byte> name)
    {
        // Both ends and the length tell schema names apart; the middle of long ones is left to the comparison.
        ulong mixed;
        if (name.Length >= 8)
        {
            mixed = BinaryPrimitives.ReadUInt64LittleEndian(name) ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(name[^8..]), 23);
        }
        else if (name.Length >= 4)
        {
            mixed = BinaryPrimitives.ReadUInt32LittleEndian(name) ^ ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) << 32);
        }
        else
        {
            mixed = 0;
            foreach (var b in name)
            {
                mixed = (mixed << 8) | b;
            }
        }

        return (int)(((mixed + (ulong)name.Length) * 0x9E3779B97F4A7C15) >> 40) & (_heads.Length - 1);
    }
}
