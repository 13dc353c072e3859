using System.Buffers;

namespace Muster.Contracts;

/// <summary>
/// The property names met in the objects that are open right now, for those names that have no slot of their own. It is a stack: an
/// object notes <see cref="Count"/> when it opens and drops back to it when it closes.
/// </summary>
internal struct NameTracker
{
    /// <summary>Up to here a new name is compared with all before it; past it the names are sorted once, when the object closes.</summary>
    private const int Few = 8;

    private Entry[]? _entries;
    private byte[]? _scratch;

    public int Count { get; private set; }

    /// <returns>False when the object that began at <paramref name="from"/> has this name already.</returns>
    public bool Add(ReadOnlySpan<byte> text, int start, int length, bool isEscaped, int from)
    {
        var raw = text.Slice(start, length);
        var entry = new Entry(Hash(raw, isEscaped), start, length, isEscaped);
        var held = Count - from;
        if (held < Few)
        {
            for (var i = from; i < Count; i++)
            {
                if (_entries![i].Hash == entry.Hash && Same(text, _entries[i], entry))
                {
                    return false;
                }
            }
        }

        if (_entries is null || Count == _entries.Length)
        {
            Grow();
        }

        _entries![Count++] = entry;
        return true;
    }

    /// <summary>Closes the object and returns the text position of a repeated name, or -1.</summary>
    public int Close(ReadOnlySpan<byte> text, int from)
    {
        var repeated = Count - from > Few ? FindRepeated(text, from) : -1;
        Count = from;
        return repeated;
    }

    public void Return()
    {
        if (_entries is not null)
        {
            ArrayPool<Entry>.Shared.Return(_entries);
        }

        if (_scratch is not null)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
        }

        _entries = null;
        _scratch = null;
    }

    private readonly int FindRepeated(ReadOnlySpan<byte> text, int from)
    {
        var names = _entries.AsSpan(from, Count - from);
        names.Sort(static (left, right) => left.Hash != right.Hash ? left.Hash.CompareTo(right.Hash) : left.Start.CompareTo(right.Start));
        var first = -1;
        for (var i = 1; i < names.Length; i++)
        {
            for (var j = i - 1; j >= 0 && names[j].Hash == names[i].Hash; j--)
            {
                if (Same(text, names[j], names[i]))
                {
                    first = first < 0 ? names[i].Start : Math.Min(first, names[i].Start);
                    break;
                }
            }
        }

        return first;
    }

    // The hash is seeded per process, so an output cannot be written to collide; the outcome does not depend on the seed.
    private int Hash(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        var hash = new HashCode();
        if (isEscaped)
        {
            if (_scratch is null || _scratch.Length < raw.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, raw.Length));
                if (_scratch is not null)
                {
                    ArrayPool<byte>.Shared.Return(_scratch);
                }

                _scratch = larger;
            }

            raw = _scratch.AsSpan(0, JsonText.Unescape(raw, _scratch));
        }

        hash.AddBytes(raw);
        return hash.ToHashCode();
    }

    private static bool Same(ReadOnlySpan<byte> text, Entry left, Entry right)
    {
        var a = text.Slice(left.Start, left.Length);
        var b = text.Slice(right.Start, right.Length);
        return left.IsEscaped || right.IsEscaped
            ? Unescaped(a, left.IsEscaped).AsSpan().SequenceEqual(Unescaped(b, right.IsEscaped))
            : a.SequenceEqual(b);
    }

    // Reached only when hashes agree and one side is escaped: rare enough to allocate.
    private static byte[] Unescaped(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        if (!isEscaped)
        {
            return raw.ToArray();
        }

        var buffer = new byte[raw.Length];
        return buffer[..JsonText.Unescape(raw, buffer)];
    }

    private void Grow()
    {
        var larger = ArrayPool<Entry>.Shared.Rent(Math.Max(32, Count * 2));
        if (_entries is not null)
        {
            _entries.AsSpan(0, Count).CopyTo(larger);
            ArrayPool<Entry>.Shared.Return(_entries);
        }

        _entries = larger;
    }

    private readonly record struct Entry(int Hash, int Start, int Length, bool IsEscaped);
}
