using System.Security.Cryptography;
using System.Text;

namespace Muster.Selections;

/// <summary>A frozen set of rows: preview and action both use it, so it cannot grow in between.</summary>
/// <param name="Query">The selector in its one way of writing.</param>
/// <param name="Hash">Of the sorted keys; equal sets hash alike.</param>
internal sealed record Selection(string Id, string Run, string Query, long Rows, string Hash, DateTimeOffset FrozenAt);

/// <summary>Hashes keys in ascending order of their UTF-8 bytes, as <c>ORDER BY key</c> gives them, each with its length before it.</summary>
internal sealed class SelectionHash : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[]? last;

    public long Rows { get; private set; }

    /// <exception cref="InvalidOperationException">The key does not follow the one before.</exception>
    public void Add(string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        if (last is not null && last.AsSpan().SequenceCompareTo(bytes) >= 0)
            throw new InvalidOperationException($"Keys come sorted and once each; {Excerpt.Quoted(key)} does not follow {Excerpt.Quoted(last)}.");
        hash.AppendData(BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(bytes.Length)));
        hash.AppendData(bytes);
        (last, Rows) = (bytes, Rows + 1);
    }

    /// <summary>The first 16 bytes in hexadecimal.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset()[..16]);

    public void Dispose() => hash.Dispose();
}

/// <summary>What to say of a selector before anything is done with the rows it matched. Pure.</summary>
internal abstract record SelectionAnswer
{
    public static SelectionAnswer Of(Selector selector, long matched, long total, Func<SelectorTerm, long> matchedAlone)
    {
        if (total == 0)
            return new Nothing("The run has no rows yet.");
        if (matched == total)
            return new Everything($"`{selector}` matches every one of {Amount.Of(total, "row")}.", "Say so on purpose: `all`, with `--yes`; or narrow it with a further term.");
        if (matched > 0)
            return new Some(matched, total);
        var empty = selector.Terms.FirstOrDefault(term => matchedAlone(term) == 0);
        return new Nothing(empty is null
            ? $"No row matches all {Amount.Of(selector.Terms.Count, "term")} of `{selector}`, though each alone matches some."
            : $"No row matches `{new Selector([empty])}`.");
    }

    internal sealed record Nothing(string Why) : SelectionAnswer;

    internal sealed record Everything(string Why, string Hint) : SelectionAnswer;

    internal sealed record Some(long Rows, long Total) : SelectionAnswer;
}
