using System.Runtime.InteropServices;

namespace Muster.Simulator.Answers;

/// <summary>The words of one text, each with the hash of its stem (its first five letters, lower case); reused from row to row.</summary>
internal sealed class TextWords
{
    private const int StemChars = 5;
    private const int MaxWords = 96;
    private readonly List<Word> _words = [];

    public readonly record struct Word(int Start, int Length, ulong Stem);

    /// <summary>Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<Word> Words => CollectionsMarshal.AsSpan(_words);

    public int Letters { get; private set; }

    public void Read(ReadOnlySpan<char> text)
    {
        _words.Clear();
        Letters = 0;
        var i = 0;
        while (i < text.Length && _words.Count < MaxWords)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var stem = 14695981039346656037UL;
            for (; i < text.Length && char.IsLetterOrDigit(text[i]); i++)
            {
                Letters += char.IsLetter(text[i]) ? 1 : 0;
                if (i - start < StemChars)
                {
                    stem = (stem ^ char.ToLowerInvariant(text[i])) * 1099511628211UL;
                }
            }

            _words.Add(new Word(start, i - start, stem));
        }
    }
}
