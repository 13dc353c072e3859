using System.Runtime.CompilerServices;
using System.Text.Json;
using Muster.Jobs;
using Muster.Verdicts;

namespace Muster.Sources;

/// <summary>One JSON object a line. Its columns are the names of the first records, in order of first sight.</summary>
internal sealed class JsonlSource : ISource
{
    private readonly SourceSpec spec;
    private readonly ReadLimits limits;
    private readonly IReadOnlyList<string> labels;
    private readonly Dictionary<string, int> places;

    private JsonlSource(SourceSpec spec, ReadLimits limits, IReadOnlyList<string> columns)
    {
        this.spec = spec;
        this.limits = limits;
        labels = Source.Labels(spec.Paths);
        Columns = columns;
        places = columns.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
    }

    public IReadOnlyList<string> Columns { get; }

    public static async Task<JsonlSource> OpenAsync(SourceSpec spec, ReadLimits limits, CancellationToken cancellationToken)
    {
        var columns = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? firstFault = null;
        var sampled = 0;
        foreach (var path in spec.Paths)
        {
            // Every file is opened, also past the sample: a missing one is told before anything is read.
            await using var records = new RecordReader(SourceFile.Open(path, limits), spec.Format, limits);
            while (await records.NextAsync(cancellationToken) && sampled++ < limits.JsonlSample)
            {
                var names = new List<string>();
                var fault = JsonlRecord.Read(records.Record, (name, _) => Take(names, name), seen);
                firstFault ??= fault is null ? null : $"{path}:{records.Line}: {fault.Value.Found}";
                columns.AddRange(fault is null ? names.Where(known.Add) : []);
                CheckCount(columns, path, limits);
            }
        }

        return columns.Count > 0
            ? new(spec, limits, columns)
            : throw new SourceException(
                $"{spec.Paths[0]}: none of its first records is a JSON object with a property{(firstFault is null ? "" : $"; the first: {firstFault}")}.",
                "Write one object a line; a JSON array becomes lines with: jq -c '.[]' IN > OUT.");
    }

    public async IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var decoder = new Decoder(Columns, places, new RowBuilder(Columns, spec.Key, spec.MaxFieldChars));
        for (var i = 0; i < spec.Paths.Count; i++)
        {
            await using var records = new RecordReader(SourceFile.Open(spec.Paths[i], limits), spec.Format, limits);
            while (await records.NextAsync(cancellationToken))
            {
                if (skip > 0)
                {
                    skip--;
                }
                else
                {
                    yield return records.Flaw == RecordFlaw.None
                        ? decoder.Row($"{labels[i]}:{records.Line}", records.Record)
                        : FlawedRecord.Row(records, labels[i], limits);
                }
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string? Take(List<string> names, string name)
    {
        names.Add(name);
        return null;
    }

    private static void CheckCount(List<string> columns, string path, ReadLimits limits)
    {
        if (columns.Count > limits.MaxColumns)
        {
            throw new SourceException(
                $"{path}: its first records have more than {limits.MaxColumns} different properties.",
                "Write each record as an object of its own with a property for the key, not as a property named by it.");
        }
    }

    /// <summary>Turns one record into a row; holds the memory that one reading reuses.</summary>
    private sealed class Decoder
    {
        private readonly IReadOnlyList<string> columns;
        private readonly Dictionary<string, int> places;
        private readonly RowBuilder builder;
        private readonly JsonValue[] values;
        private readonly HashSet<string> seen = new(StringComparer.Ordinal);
        private readonly Func<string, JsonValue, string?> take;
        private string? unknown;
        private int found;

        public Decoder(IReadOnlyList<string> columns, Dictionary<string, int> places, RowBuilder builder)
        {
            this.columns = columns;
            this.places = places;
            this.builder = builder;
            values = new JsonValue[columns.Count];
            take = Take;
        }

        public SourceRow Row(string line, ReadOnlySpan<byte> record)
        {
            Array.Fill(values, JsonValue.Missing);
            (unknown, found) = (null, 0);
            if (JsonlRecord.Read(record, take, seen) is { } fault)
            {
                return RowBuilder.Unreadable(line, Reasons.BadRecord, fault.Detail, fault.Found);
            }

            // Beside all columns an unknown property is harmless, since no template can name it. In a record that lacks a column it
            // may be that column under another spelling, and the row would be paid for without its text.
            if (unknown is not null && found < columns.Count)
            {
                return RowBuilder.Unreadable(line, Reasons.BadRecord, "json", Misplaced());
            }

            builder.Begin(line);
            foreach (var value in values)
            {
                Add(record.Slice(value.Start, value.Length), value);
            }

            return builder.End();
        }

        private string? Take(string name, JsonValue value)
        {
            if (places.TryGetValue(name, out var place))
            {
                values[place] = value;
                found++;
            }
            else
            {
                unknown ??= name;
            }

            return null;
        }

        private string Misplaced()
        {
            var lacking = columns.Where((_, i) => values[i].Kind == JsonTokenType.None).ToList();
            return $"the property '{Excerpt.Of(unknown!)}' is in none of the first records, and the record lacks {Excerpt.List(lacking)}";
        }

        private void Add(ReadOnlySpan<byte> text, JsonValue value)
        {
            switch (value.Kind)
            {
                case JsonTokenType.None or JsonTokenType.Null:
                    builder.AddNull();
                    break;
                case JsonTokenType.String when value.Escaped:
                    var unescaped = new byte[text.Length];
                    builder.AddText(unescaped.AsSpan(0, JsonlRecord.Unescape(text, unescaped)));
                    break;
                case JsonTokenType.String:
                    builder.AddText(text[1..^1]);
                    break;
                default:
                    builder.AddRaw(text);
                    break;
            }
        }
    }
}
