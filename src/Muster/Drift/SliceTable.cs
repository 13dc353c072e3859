namespace Muster.Drift;

/// <summary>What one row adds to each slice it belongs to.</summary>
internal ref struct SliceRow
{
    public bool IsAnswered;
    public bool IsAccepted;
    public bool IsCutOff;
    public ReadOnlySpan<bool> Empty;
    public ReadOnlySpan<int> Categories;
}

/// <summary>
/// Counts per slice for all values and pairs of values of the dimensions, and per batch, which is paired with nothing: it never comes
/// again in another run.
/// </summary>
internal sealed class SliceTable
{
    /// <summary>Below, a slice is not judged and not stored.</summary>
    public const int MinRows = 50;

    public const int MaxSlices = 4096;
    public const string OtherValues = "(other values)";
    public const string LaterBatches = "(later batches)";
    private const int MaxValues = 64;
    private const int MaxBatches = 1024;
    private const int ValueBits = 12;

    private readonly string[] dimensions;
    private readonly NameTable[] values;
    private readonly NameTable batches = new(MaxBatches, LaterBatches);
    private readonly Dictionary<ulong, Cell> cells = new();
    private readonly int fields;
    private readonly int categoryFields;
    private long cuts;

    public SliceTable(IReadOnlyList<string> dimensions, int fields, int categoryFields)
    {
        this.dimensions = [.. dimensions];
        values = [.. dimensions.Select(_ => new NameTable(MaxValues, OtherValues))];
        this.fields = fields;
        this.categoryFields = categoryFields;
        cells[0] = new Cell(fields, categoryFields);
    }

    public long Cuts => cuts;

    /// <summary>The number of a value of a dimension.</summary>
    public int Number(int dimension, ReadOnlySpan<char> value) => values[dimension].Number(value);

    public void Add(ReadOnlySpan<int> row, string? batch, in SliceRow counted)
    {
        Count(0, counted);
        if (batch is not null)
            Count(Place(dimensions.Length, batches.Number(batch)), counted);
        for (var i = 0; i < row.Length; i++)
        {
            var first = Place(i, row[i]);
            Count(first, counted);
            for (var j = i + 1; j < row.Length; j++)
                Count((first << 32) | Place(j, row[j]), counted);
        }
    }

    public IReadOnlyList<SliceProfile> ToProfiles() =>
        [.. cells.Where(cell => cell.Key == 0 || cell.Value.N >= MinRows).Select(cell => cell.Value.ToProfile(Predicates(cell.Key)))
            .OrderBy(slice => slice.Predicates.Count == 0 ? 0 : 1).ThenBy(slice => slice.Name, StringComparer.Ordinal)];

    // Never 0, which is the whole run.
    private static ulong Place(int dimension, int value) => ((ulong)(dimension + 1) << ValueBits) | (uint)value;

    private void Count(ulong key, in SliceRow counted)
    {
        if (!cells.TryGetValue(key, out var cell))
        {
            if (cells.Count >= MaxSlices)
            {
                cuts++;
                return;
            }

            cells[key] = cell = new Cell(fields, categoryFields);
        }

        cell.Add(counted);
    }

    private IReadOnlyList<string> Predicates(ulong key) => key == 0 ? []
        : key >> 32 == 0 ? [Predicate(key)] : [Predicate(key >> 32), Predicate(key & uint.MaxValue)];

    private string Predicate(ulong place)
    {
        var dimension = (int)(place >> ValueBits) - 1;
        var value = (int)(place & ((1 << ValueBits) - 1));
        return dimension == dimensions.Length
            ? $"{SliceProfile.BatchDimension}={batches.Names[value]}"
            : $"{dimensions[dimension]}={values[dimension].Names[value]}";
    }

    private sealed class Cell(int fields, int categoryFields)
    {
        private readonly long[] empty = new long[fields];
        private readonly GrowingCounts[] categories = [.. Enumerable.Range(0, categoryFields).Select(_ => new GrowingCounts())];
        private long answered;
        private long notAccepted;
        private long cutOff;

        public long N { get; private set; }

        public void Add(in SliceRow row)
        {
            N++;
            notAccepted += row.IsAccepted ? 0 : 1;
            cutOff += row.IsCutOff ? 1 : 0;
            if (!row.IsAnswered)
                return;
            answered++;
            for (var i = 0; i < empty.Length; i++)
                empty[i] += row.Empty[i] ? 1 : 0;
            for (var i = 0; i < categories.Length; i++)
                categories[i].Add(row.Categories[i]);
        }

        public SliceProfile ToProfile(IReadOnlyList<string> predicates) =>
            new(predicates, N, answered, notAccepted, cutOff, empty, [.. categories.Select(counts => counts.Counts)]);
    }
}
