using Muster.Statistics;

namespace Muster.Drift;

/// <summary>
/// Whether outputs speak of their own inputs: each output's words are looked up in its own row's input and in that of an earlier row,
/// drawn from a fixed sample of the run.
/// </summary>
internal sealed class Pairing
{
    private const int MaxHeld = 256;
    private const int MinWords = 3;

    private readonly uint[][] held = new uint[MaxHeld][];
    private int count;
    private long seen;
    private Moments matched;
    private Moments shifted;
    private Moments gap;

    public void Add(ulong keyHash, Words input, Words output)
    {
        if (input.Found.IsEmpty)
            return;
        if (count > 0 && output.Found.Length >= MinWords)
        {
            var own = output.ShareIn(input.Found);
            var other = output.ShareIn(held[(int)(keyHash % (ulong)count)]);
            matched = matched.With(own);
            shifted = shifted.With(other);
            gap = gap.With(own - other);
        }

        Hold(TextHash.Mix(keyHash + 1), input);
    }

    public PairingProfile ToProfile() => new(matched, shifted, gap);

    private void Hold(ulong draw, Words input)
    {
        seen++;
        if (count < MaxHeld)
        {
            held[count++] = input.Found.ToArray();
            return;
        }

        var slot = draw % (ulong)seen;
        if (slot < MaxHeld)
            held[slot] = input.Found.ToArray();
    }
}
