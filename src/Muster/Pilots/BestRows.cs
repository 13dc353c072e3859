namespace Muster.Pilots;

/// <param name="Text">Folded text where a stratum judges again at the end; else null.</param>
/// <param name="Detail">What the stratum needs to say why.</param>
internal sealed record Candidate(long Record, string Key, string Line, string Detail, string? Text = null);

internal sealed record RankedCandidate(double Rank, ulong Tie, Candidate Row);

/// <summary>The <paramref name="capacity"/> best rows so far: highest rank, then lowest tie. Bounded, and O(log capacity) a row.</summary>
internal sealed class BestRows(int capacity)
{
    // The worst is on top, so the best compares greatest.
    private readonly PriorityQueue<Candidate, Place> rows = new(Comparer<Place>.Create(Place.Compare));

    public long Seen { get; private set; }

    /// <summary>Counts a row that fits, and says whether it would be kept: only then is a candidate worth making.</summary>
    public bool Admits(double rank, ulong tie)
    {
        Seen++;
        return rows.Count < capacity || (rows.TryPeek(out _, out var worst) && Place.Compare(new Place(rank, tie), worst) > 0);
    }

    public void Add(double rank, ulong tie, Candidate row)
    {
        if (rows.Count < capacity)
            rows.Enqueue(row, new Place(rank, tie));
        else
            rows.EnqueueDequeue(row, new Place(rank, tie));
    }

    public IReadOnlyList<RankedCandidate> BestFirst() =>
    [
        .. rows.UnorderedItems.OrderByDescending(item => item.Priority, Comparer<Place>.Create(Place.Compare))
            .Select(item => new RankedCandidate(item.Priority.Rank, item.Priority.Tie, item.Element)),
    ];

    private readonly record struct Place(double Rank, ulong Tie)
    {
        public static int Compare(Place a, Place b) => a.Rank.CompareTo(b.Rank) is not 0 and var byRank ? byRank : b.Tie.CompareTo(a.Tie);
    }
}
