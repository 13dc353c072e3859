namespace Muster.Drift;

/// <summary>The different content words of one row's text, as hashes, and which scripts its letters are of. Used again for each row.</summary>
internal sealed class Words(int maxWords)
{
    private const int MinChars = 3;

    private readonly uint[] found = new uint[maxWords];
    private int count;
    private long latin;
    private long cyrillic;
    private long others;

    /// <summary>Characters of the text.</summary>
    public long Chars { get; private set; }

    /// <summary>Sorted, each once.</summary>
    public ReadOnlySpan<uint> Found => found.AsSpan(0, count);

    /// <summary>The scripts of the letters: <c>Latin</c>, <c>Cyrillic</c>, <c>mixed</c>, <c>other</c> or <c>no letters</c>.</summary>
    public string Script => (latin, cyrillic, others) switch
    {
        (0, 0, 0) => "no letters",
        ( > 0, 0, 0) => "Latin",
        (0, > 0, 0) => "Cyrillic",
        (0, 0, _) => "other",
        _ => "mixed",
    };

    public void Clear() => (count, latin, cyrillic, others, Chars) = (0, 0, 0, 0, 0);

    public void Add(ReadOnlySpan<char> text)
    {
        Chars += text.Length;
        var start = -1;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsLetterOrDigit(text[i]))
            {
                start = start < 0 ? i : start;
                CountScript(text[i]);
            }
            else if (start >= 0)
            {
                AddWord(text[start..i]);
                start = -1;
            }
        }

        if (start >= 0)
            AddWord(text[start..]);
    }

    /// <summary>Sorts the words and drops repeated ones; called once when the row is read.</summary>
    public void Close()
    {
        Array.Sort(found, 0, count);
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (i == 0 || found[i] != found[i - 1])
                found[kept++] = found[i];
        }

        count = kept;
    }

    /// <summary>Share of these words that stand among <paramref name="sorted"/>.</summary>
    public double ShareIn(ReadOnlySpan<uint> sorted)
    {
        var hits = 0;
        foreach (var word in Found)
            hits += sorted.BinarySearch(word) >= 0 ? 1 : 0;
        return count == 0 ? 0 : (double)hits / count;
    }

    private void AddWord(ReadOnlySpan<char> word)
    {
        if (word.Length < MinChars || count == found.Length)
            return;
        var hash = 2166136261u;
        foreach (var c in word)
            hash = (hash ^ char.ToLowerInvariant(c)) * 16777619u;
        found[count++] = hash;
    }

    private void CountScript(char c)
    {
        if (!char.IsLetter(c))
            return;
        if (c is < '\u0250' or (>= '\u1E00' and <= '\u1EFF'))
            latin++;
        else if (c is >= '\u0400' and <= '\u052F')
            cyrillic++;
        else
            others++;
    }
}
