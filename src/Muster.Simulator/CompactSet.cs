namespace Muster.Simulator;

/// <summary>
/// A set of 64-bit hashes at 12–24 bytes each. Two different ids share a hash with probability 3·10⁻¹⁰ for 100,000 ids.
/// </summary>
internal sealed class CompactSet
{
    private ulong[] _slots = new ulong[1024];
    private bool _hasZero;

    public int Count { get; private set; }

    public bool Add(ulong hash)
    {
        if (hash == 0)
        {
            var fresh = !_hasZero;
            _hasZero = true;
            Count += fresh ? 1 : 0;
            return fresh;
        }

        if (Count * 3L > _slots.Length * 2L)
        {
            Grow();
        }

        if (!Place(_slots, hash))
        {
            return false;
        }

        Count++;
        return true;
    }

    private static bool Place(ulong[] slots, ulong hash)
    {
        var mask = slots.Length - 1;
        for (var i = (int)(hash & (ulong)mask); ; i = (i + 1) & mask)
        {
            if (slots[i] == hash)
            {
                return false;
            }

            if (slots[i] == 0)
            {
                slots[i] = hash;
                return true;
            }
        }
    }

    private void Grow()
    {
        var larger = new ulong[_slots.Length * 2];
        foreach (var hash in _slots)
        {
            if (hash != 0)
            {
                Place(larger, hash);
            }
        }

        _slots = larger;
    }
}
