using System.Text;
using System.Text.Json;
using Muster.Contracts;

namespace Muster.Evals;

/// <summary>
/// Reads an eval set: JSON lines, the first of which is the header. Every line is read; each bad one gives one fault, and a set with a
/// fault is not used at all.
/// </summary>
internal sealed class EvalSetReader
{
    public const int MaxCases = 100_000;
    private const int MaxLineBytes = 1 << 20;
    private const int MaxFaults = 100;
    private static readonly string[] HeaderFields = ["evalset", "version", "hash", "fields"];
    private static readonly string[] CaseFields = ["key", "expect", "must_pass", "weight", "cluster", "slice", "origin", "input", "input_hash"];

    private readonly string path;
    private readonly OutputShape? shape;
    private readonly List<EvalSetFault> faults = [];
    private readonly List<EvalCase> cases = [];
    private readonly Dictionary<string, int> lineOf = [];
    private int total;

    private EvalSetReader(string path, OutputShape? shape)
    {
        this.path = path;
        this.shape = shape;
    }

    /// <param name="text">The whole file; eval sets are small enough for a person to keep.</param>
    /// <param name="path">For messages.</param>
    /// <param name="schemaJson">The contract's schema, which expected values must satisfy; null reads a set of whatever contract.</param>
    /// <exception cref="EvalSetException">Lists every bad line.</exception>
    public static EvalSet Read(ReadOnlySpan<byte> text, string path, string? schemaJson) =>
        new EvalSetReader(path, schemaJson is null ? null : new OutputShape(schemaJson, path)).ReadAll(text);

    private EvalSet ReadAll(ReadOnlySpan<byte> text)
    {
        Header? header = null;
        var number = 0;
        var rest = text.StartsWith("\uFEFF"u8) ? text[3..] : text;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            number++;
            if (line.Trim(" \t\r"u8).IsEmpty)
                continue;
            header = ReadLine(line, number, header);
        }

        if (total == 0 && header is null)
            Fault(0, "there is no eval set in it", "Begin with a line as {\"evalset\":\"gold\",\"version\":1,\"fields\":{\"/category\":{\"compare\":\"exact\"}}}.");
        else if (total == 0 && cases.Count == 0)
            Fault(0, "the eval set has no case", "Add a line as {\"key\":\"A-1\",\"expect\":{\"/category\":\"Tools\"}}.");
        if (total > 0)
            throw new EvalSetException(path, faults, total);
        return Close(header!);
    }

    private EvalSet Close(Header header)
    {
        var hash = EvalSetWriter.Hash(header.Fields, cases);
        if (header.Hash is not null && header.Hash != hash)
        {
            Fault(1, $"the cases hash to {hash} and the header says {Excerpt.Of(header.Hash)}: version {header.Version} was changed after it was closed",
                $"Restore it, or make it version {header.Version + 1} and leave `hash` out until it is closed.");
            throw new EvalSetException(path, faults, total);
        }

        return new EvalSet(header.Id, header.Version, hash, header.Fields, cases);
    }

    private Header? ReadLine(ReadOnlySpan<byte> line, int number, Header? header)
    {
        try
        {
            if (line.Length > MaxLineBytes)
                throw new LineFaultException($"the line has {line.Length:N0} bytes; at most {MaxLineBytes:N0} are read", "Shorten the case.");
            if (!System.Text.Unicode.Utf8.IsValid(line))
                throw new LineFaultException("the line is not UTF-8", "Save the file as UTF-8.");
            using var document = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            if (header is null)
                return ReadHeader(document.RootElement);
            ReadCase(document.RootElement, number, header);
        }
        catch (JsonException fault)
        {
            Fault(number, $"not one JSON object: byte {(fault.BytePositionInLine ?? 0) + 1} of {Excerpt.Quoted(line, 40)}", "Write one case as one JSON object on one line.");
        }
        catch (InvalidOperationException)
        {
            Fault(number, "half of a surrogate pair stands in it", "Write whole characters.");
        }
        catch (LineFaultException fault)
        {
            Fault(number, fault.Message, fault.Hint);
        }

        // A bad header is told once; the cases are still read against no comparators' names.
        return header ?? Header.Unreadable;
    }

    private Header ReadHeader(JsonElement json)
    {
        var reader = new LineReader(json, "the header", HeaderFields);
        var id = reader.Take("evalset").ValueKind == JsonValueKind.String ? reader.Text("evalset")! : throw reader.Wrong("evalset", "a name", reader.Take("evalset"));
        var version = reader.Take("version");
        if (id.Length == 0 || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number < 1)
            throw new LineFaultException("the header needs a name in evalset and a whole version of at least 1", "Write {\"evalset\":\"gold\",\"version\":1,…}.");
        var fields = new SortedDictionary<string, Comparator>(StringComparer.Ordinal);
        _ = reader.Take("fields");
        foreach (var field in reader.Map("fields"))
        {
            shape?.RequireField(field.Name);
            fields[field.Name] = ComparatorReader.Read(field.Value, field.Name);
        }

        return new Header(id, number, reader.Text("hash"), fields);
    }

    private void ReadCase(JsonElement json, int number, Header header)
    {
        var reader = new LineReader(json, "the case", CaseFields);
        var key = reader.Take("key").ValueKind == JsonValueKind.String ? reader.Text("key")! : throw reader.Wrong("key", "text", reader.Take("key"));
        if (key.Length == 0)
            throw new LineFaultException("the case has an empty key", "Give the key of the row that it is about.");
        if (!lineOf.TryAdd(key, number))
            throw new LineFaultException($"the key {Excerpt.Quoted(key)} stands in line {lineOf[key]} already", "Keep one of the two cases.");
        if (cases.Count >= MaxCases)
            throw new LineFaultException($"an eval set has at most {MaxCases:N0} cases", "Split it into two sets.");
        _ = reader.Take("expect");
        var expect = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in reader.Map("expect"))
        {
            shape?.RequireField(field.Name);
            if (header != Header.Unreadable && !header.Fields.ContainsKey(field.Name))
                throw new LineFaultException($"the header does not say how {Excerpt.Quoted(field.Name)} is compared", $"Add \"{field.Name}\":{{\"compare\":\"exact\"}} to the header's fields.");
            expect[field.Name] = field.Value.Clone();
        }

        if (expect.Count == 0)
            throw new LineFaultException("the case expects nothing", "Name at least one field in expect.");
        shape?.RequireValues(expect);
        cases.Add(new EvalCase(key, expect)
        {
            MustPass = reader.Flag("must_pass"), Weight = reader.Number("weight", 1), Cluster = reader.Text("cluster"), Slices = reader.Texts("slice"),
            Origin = reader.Text("origin"), InputHash = HashOf(reader), Input = InputOf(reader),
        });
    }

    private static string? HashOf(LineReader reader)
    {
        var hash = reader.Text("input_hash");
        return hash is null || (hash.Length == 32 && hash.All(char.IsAsciiHexDigitLower)) ? hash
            : throw new LineFaultException($"input_hash {Excerpt.Quoted(hash)} is not 32 lower-case hexadecimal digits", "Leave it out, or copy the source hash of the run that was reviewed.");
    }

    private static IReadOnlyDictionary<string, string>? InputOf(LineReader reader)
    {
        if (reader.Find("input") is null)
            return null;
        var input = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var column in reader.Map("input"))
            input[column.Name] = column.Value.ValueKind == JsonValueKind.String ? column.Value.GetString() ?? "" : throw reader.Wrong("input", "texts by column", column.Value);
        return input;
    }

    private void Fault(int line, string message, string hint)
    {
        total++;
        if (faults.Count < MaxFaults)
            faults.Add(new EvalSetFault(line, message, hint));
    }

    private sealed record Header(string Id, int Version, string? Hash, IReadOnlyDictionary<string, Comparator> Fields)
    {
        public static readonly Header Unreadable = new("", 0, null, new Dictionary<string, Comparator>());
    }
}
