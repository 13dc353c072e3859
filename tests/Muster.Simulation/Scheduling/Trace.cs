using System.Globalization;

namespace Muster.Simulation.Scheduling;

/// <summary>What happened, as a hash of everything and the text of the last part.</summary>
internal sealed class Trace(int kept = 400)
{
    private readonly Queue<string> tail = new();

    public Func<long> Clock { get; set; } = () => 0;

    public bool Echo { get; init; }

    /// <summary>The seed's folder, whose name is another one each time.</summary>
    public string? Folder { get; set; }

    public ulong Hash { get; private set; } = 14695981039346656037UL;

    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Tail => tail;

    public void Count(string kind, long by = 1) => Counts[kind] = Counts.GetValueOrDefault(kind) + by;

    public void Add(string who, string what)
    {
        if (Folder is not null)
            what = what.Replace(Folder, "~", StringComparison.Ordinal);
        Mix(Clock().ToString(CultureInfo.InvariantCulture));
        Mix(who);
        Mix(what);
        var line = $"{TimeSpan.FromTicks(Clock()):d\\.hh\\:mm\\:ss\\.fff} {who,-8} {what}";
        if (Echo)
            Console.WriteLine(line);
        if (tail.Count == kept)
            tail.Dequeue();
        tail.Enqueue(line);
    }

    private void Mix(string text)
    {
        foreach (var c in text)
            Hash = (Hash ^ c) * 1099511628211UL;
        Hash = (Hash ^ 0x1F) * 1099511628211UL;
    }
}
