namespace Muster.Pilots;

/// <summary>
/// How usual each letter is after another, learnt from all rows as they pass. A row in the bulk's languages costs few bits a pair, a
/// row in another more. Conditional on the first letter, so that a script with fewer rows is not thereby dear. Fixed memory.
/// </summary>
internal sealed class PairModel
{
    /// <summary>Fewer pairs than this say nothing about a language.</summary>
    public const int MinPairs = 12;

    private const int Slots = 1 << 17;

    // A pair that was never seen counts a tenth, of about forty that could follow.
    private const double Unseen = 0.1;
    private const double Alphabet = 40;

    private readonly int[] pairs = new int[Slots];
    private readonly int[] firsts = new int[0x10000];

    public void Learn(ReadOnlySpan<char> folded)
    {
        var before = ' ';
        foreach (var c in folded)
        {
            var letter = Letters.ScriptOf(c) == Script.None ? ' ' : c;
            if (letter != ' ' || before != ' ')
            {
                pairs[Slot(before, letter)]++;
                firsts[before]++;
            }

            before = letter;
        }
    }

    /// <summary>Bits a pair, or null when there are too few pairs to say.</summary>
    public double? Cost(ReadOnlySpan<char> folded)
    {
        var (before, count, bits) = (' ', 0, 0.0);
        foreach (var c in folded)
        {
            var letter = Letters.ScriptOf(c) == Script.None ? ' ' : c;
            if (letter != ' ' && before != ' ')
            {
                bits -= Math.Log2((pairs[Slot(before, letter)] + Unseen) / (firsts[before] + (Unseen * Alphabet)));
                count++;
            }

            before = letter;
        }

        return count < MinPairs ? null : bits / count;
    }

    private static int Slot(char first, char second) => (int)((((uint)first << 16) | second) * 2654435761u >> 15);
}
