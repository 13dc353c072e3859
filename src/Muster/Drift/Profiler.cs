using System.Text;
using System.Text.Json;
using Muster.Statistics;
using Muster.Verdicts;

namespace Muster.Drift;

/// <summary>Builds a run's profile row by row. What it holds depends on bounds, not on the number of rows.</summary>
internal sealed class Profiler
{
    internal const string OtherCategories = "(other categories)";
    internal const int MaxInputWords = 256;
    private const int MaxOutputWords = 512;
    private const int MaxNames = 64;
    private const int MaxCategories = 256;
    private const double CapShare = 0.98;
    private static readonly int[] LengthEdges = [8, 16, 24, 32, 48, 64, 96, 128, 256, 1024, 4096];

    private readonly ProfileShape shape;
    private readonly byte[][] fieldNames;
    private readonly NameTable[] categories;
    private readonly GrowingCounts[] categoryCounts;
    private readonly int[] categoryOf;
    private readonly Share[] empty;
    private readonly bool[] rowEmpty;
    private readonly int[] rowCategories;
    private readonly int[] rowSlices;
    private readonly int sliceColumns;
    private readonly SliceTable slices;
    private readonly NamedCounts reasons = new(MaxNames);
    private readonly NamedCounts stops = new(MaxNames);
    private readonly NamedCounts models = new(MaxNames);
    private readonly OutputGroups groups = new();
    private readonly Histogram lengthRatios = new();
    private readonly Pairing pairing = new();
    private readonly Words inputWords = new(MaxInputWords);
    private readonly Words outputWords = new(MaxOutputWords);
    private readonly RowText text = new();
    private EconomicsProfile economics = new(default, default, default, default);
    private Share nearCap;
    private long rows;
    private long answered;
    private ulong keySum;

    public Profiler(ProfileShape shape)
    {
        this.shape = shape;
        fieldNames = [.. shape.Fields.Select(field => Encoding.UTF8.GetBytes(field.Name))];
        var next = 0;
        categoryOf = [.. shape.Fields.Select(field => field.Kind == FieldKind.Category ? next++ : -1)];
        categories = [.. Enumerable.Range(0, next).Select(_ => new NameTable(MaxCategories, OtherCategories))];
        categoryCounts = [.. categories.Select(_ => new GrowingCounts())];
        rowCategories = new int[next];
        empty = new Share[shape.Fields.Count];
        rowEmpty = new bool[shape.Fields.Count];
        var columns = shape.Columns.Where(column => column.IsSlice).Select(column => column.Name).ToList();
        sliceColumns = columns.Count;
        rowSlices = new int[sliceColumns + 3];
        slices = new SliceTable([.. columns, "length", "script", "model"], shape.Fields.Count, next);
    }

    /// <summary>The hash whose sum over a run's rows is <see cref="RunProfile.KeySum"/>.</summary>
    public static ulong KeyHash(string key) => TextHash.Of(key.AsSpan());

    public void Add(in RunRow row)
    {
        var key = KeyHash(row.Key);
        rows++;
        unchecked
        {
            keySum += key;
        }

        ReadInput(row.Input.Span);
        var isAnswered = ReadOutput(row.Output.Span);
        CountEnds(row);
        if (isAnswered)
            CountAnswer(row, key);
        rowSlices[sliceColumns] = slices.Number(sliceColumns, LengthClass(inputWords.Chars));
        rowSlices[sliceColumns + 1] = slices.Number(sliceColumns + 1, inputWords.Script);
        rowSlices[sliceColumns + 2] = slices.Number(sliceColumns + 2, row.Model ?? "(none)");
        slices.Add(rowSlices, row.Batch, new SliceRow
        {
            IsAnswered = isAnswered, IsAccepted = row.Reason is null, IsCutOff = row.StopReason == "max_tokens", Empty = rowEmpty, Categories = rowCategories,
        });
    }

    public RunProfile ToProfile() => new()
    {
        Rows = rows,
        Answered = answered,
        KeySum = keySum,
        Reasons = reasons.ToDictionary(),
        StopReasons = stops.ToDictionary(),
        Models = models.ToDictionary(),
        NearCap = nearCap,
        Fields = [.. shape.Fields.Select((field, i) => new FieldProfile(field.Pointer, field.Kind, empty[i],
            categoryOf[i] < 0 ? [] : categories[categoryOf[i]].Names, categoryOf[i] < 0 ? [] : categoryCounts[categoryOf[i]].Counts))],
        LengthRatios = lengthRatios.Counts,
        Groups = groups.ToProfile(),
        Pairing = pairing.ToProfile(),
        Economics = economics,
        Slices = slices.ToProfiles(),
        SliceCuts = slices.Cuts,
    };

    private void CountEnds(in RunRow row)
    {
        if (row.Reason is not null)
            reasons.Add(Reasons.WithoutDetail(row.Reason));
        if (row.Model is not null)
            models.Add(row.Model);
        if (row.StopReason is null)
            return;
        stops.Add(row.StopReason);
        if (row.MaxTokens > 0)
            nearCap = new Share(nearCap.Hits + (row.Tokens.Output >= CapShare * row.MaxTokens ? 1 : 0), nearCap.N + 1);
        double cached = row.Tokens.CacheRead, all = row.Tokens.Input + row.Tokens.CacheWrite5m + row.Tokens.CacheWrite1h + cached;
        economics = new EconomicsProfile(economics.InputTokens.With(all), economics.OutputTokens.With(row.Tokens.Output),
            economics.CachedShare.With(all > 0 ? cached / all : 0), economics.CostUsd.With(row.CostUsd));
    }

    private void CountAnswer(in RunRow row, ulong key)
    {
        answered++;
        for (var i = 0; i < empty.Length; i++)
        {
            empty[i] = new Share(empty[i].Hits + (rowEmpty[i] ? 1 : 0), empty[i].N + 1);
            if (categoryOf[i] >= 0)
                categoryCounts[categoryOf[i]].Add(rowCategories[categoryOf[i]]);
        }

        groups.Add(TextHash.Of(row.Output.Span));
        if (inputWords.Chars > 0)
            lengthRatios.Add(Math.Log((double)Encoding.UTF8.GetCharCount(row.Output.Span) / inputWords.Chars));
        pairing.Add(key, inputWords, outputWords);
    }

    private void ReadInput(ReadOnlySpan<byte> json)
    {
        inputWords.Clear();
        for (int i = 0; i < sliceColumns; i++)
            rowSlices[i] = slices.Number(i, "(none)");
        if (json.IsEmpty)
            return;
        var columns = new ColumnTexts(shape, text, json);
        while (columns.Next())
        {
            if (columns.Use.IsText)
                inputWords.Add(columns.Value);
            if (columns.Use.IsSlice)
                rowSlices[columns.Slice] = slices.Number(columns.Slice, columns.Value.IsWhiteSpace() ? "(none)" : columns.Value);
        }

        inputWords.Close();
    }

    private bool ReadOutput(ReadOnlySpan<byte> json)
    {
        outputWords.Clear();
        Array.Fill(rowEmpty, true);
        for (var i = 0; i < rowCategories.Length; i++)
            rowCategories[i] = categories[i].Number("null");
        if (json.IsEmpty)
            return false;
        try
        {
            ReadFields(json);
        }
        catch (JsonException)
        {
            // An answer that is no JSON has a reason code; there is nothing in it to profile.
            return false;
        }

        outputWords.Close();
        return true;
    }

    private void ReadFields(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Field(ref reader);
            reader.Read();
            var depth = reader.CurrentDepth;
            var isEmpty = true;
            do
            {
                isEmpty &= reader.TokenType is JsonTokenType.Null or JsonTokenType.StartArray or JsonTokenType.EndArray
                    or JsonTokenType.StartObject or JsonTokenType.EndObject || (reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
                ReadValue(ref reader, field);
            }
            while ((reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) && reader.Read());

            if (field >= 0)
                rowEmpty[field] = isEmpty;
        }
    }

    private void ReadValue(ref Utf8JsonReader reader, int field)
    {
        var category = field < 0 ? -1 : categoryOf[field];
        if (category >= 0 && reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False)
            rowCategories[category] = categories[category].Number(text.Of(ref reader));
        else if (reader.TokenType == JsonTokenType.String)
            outputWords.Add(text.Of(ref reader));
    }

    private int Field(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < fieldNames.Length; i++)
        {
            if (reader.ValueTextEquals(fieldNames[i]))
                return i;
        }

        return -1;
    }

    internal static string LengthClass(long chars)
    {
        var i = Array.FindIndex(LengthEdges, edge => chars <= edge);
        return i < 0 ? $"over {LengthEdges[^1]}" : i == 0 ? $"0-{LengthEdges[0]}" : $"{LengthEdges[i - 1] + 1}-{LengthEdges[i]}";
    }

    private sealed class NamedCounts(int maxNames)
    {
        private readonly NameTable names = new(maxNames, "(others)");
        private readonly GrowingCounts counts = new();

        public void Add(ReadOnlySpan<char> name) => counts.Add(names.Number(name));

        public IReadOnlyDictionary<string, long> ToDictionary() => new SortedDictionary<string, long>(
            names.Names.Zip(counts.Counts).Where(pair => pair.Second > 0).ToDictionary(pair => pair.First, pair => pair.Second), StringComparer.Ordinal);
    }
}
