using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Answers;

/// <summary>One known answer. <see cref="Text"/> is set when the answer is a bare string: it goes out with quotes only where JSON is asked for.</summary>
internal sealed record OracleAnswer(byte[] Json, string? Text, string Slice);

/// <summary>Share of right answers for models whose id contains <see cref="Model"/>, in one slice or, when it is empty, in all.</summary>
internal sealed record OracleAccuracy(string Model, string Slice, double Share);

/// <summary>A known mistake: <see cref="From"/> is answered as <see cref="To"/>, in one field or, when it is empty, as the whole answer.</summary>
/// <param name="Unless">Not where the system prompt holds this text; empty strikes whatever it says.</param>
internal sealed record OracleBias(string Model, string Slice, string Field, string From, string To, double Share, string Unless);

/// <summary>The file of the oracle engine, read whole: answers, and rules of how models are wrong.</summary>
internal sealed class OracleFile
{
    private const int MaxOthers = 64;
    private static readonly string[] AnswerKeys = ["key", "expected", "slice"];
    private static readonly string[] AccuracyKeys = ["accuracy", "model", "slice"];
    private static readonly string[] BiasKeys = ["bias", "from", "to", "field", "model", "slice", "unless"];

    public Dictionary<string, OracleAnswer> Answers { get; } = new(StringComparer.Ordinal);

    public List<OracleAccuracy> Accuracies { get; } = [];

    public List<OracleBias> Biases { get; } = [];

    /// <summary>A few distinct bare answers, to be wrong with.</summary>
    public List<string> Others { get; } = [];

    public static OracleFile Load(string path)
    {
        var file = new OracleFile();
        var number = 0;
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                number++;
                if (line.Length > 0)
                {
                    file.Take(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SimulatorException($"The oracle file \"{path}\" cannot be read: {e.Message}", "Give a TSV or JSONL file.", e);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new SimulatorException($"{path}:{number}: {e.Message}", "See docs/simulator.md for the form of an oracle file.", e);
        }

        return file;
    }

    private void Take(string line)
    {
        if (line[0] != '{')
        {
            var parts = line.Split('\t');
            if (parts.Length is < 2 or > 3)
            {
                throw new FormatException("a line is key TAB answer, or key TAB answer TAB slice");
            }

            var json = parts[1].Length > 0 && parts[1][0] is '{' or '[';
            Add(parts[0], new OracleAnswer(json ? Encoding.UTF8.GetBytes(parts[1]) : JsonSerializer.SerializeToUtf8Bytes(parts[1]),
                json ? null : parts[1], parts.Length == 3 ? parts[2] : ""));
            return;
        }

        using var document = JsonDocument.Parse(line);
        var record = document.RootElement;
        if (record.TryGetProperty("bias", out var bias))
        {
            Check(record, BiasKeys);
            Biases.Add(new OracleBias(Text(record, "model"), Text(record, "slice"), Text(record, "field"), Needed(record, "from"), Needed(record, "to"), Share(bias), Text(record, "unless")));
        }
        else if (record.TryGetProperty("accuracy", out var accuracy))
        {
            Check(record, AccuracyKeys);
            Accuracies.Add(new OracleAccuracy(Text(record, "model"), Text(record, "slice"), Share(accuracy)));
        }
        else
        {
            Check(record, AnswerKeys);
            var expected = record.TryGetProperty("expected", out var value) ? value : throw new FormatException("\"expected\" is missing");
            Add(Needed(record, "key"), new OracleAnswer(
                Encoding.UTF8.GetBytes(expected.GetRawText()), expected.ValueKind == JsonValueKind.String ? expected.GetString() : null, Text(record, "slice")));
        }
    }

    private void Add(string key, OracleAnswer answer)
    {
        if (!Answers.TryAdd(key, answer))
        {
            throw new FormatException($"the key \"{key}\" has an answer already");
        }

        if (answer.Text is { } text && Others.Count < MaxOthers && !Others.Contains(text))
        {
            Others.Add(text);
        }
    }

    private static void Check(JsonElement record, string[] known)
    {
        foreach (var member in record.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw new FormatException($"unknown key \"{member.Name}\"; known here: {string.Join(", ", known)}");
            }
        }
    }

    private static double Share(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1 and var share
            ? share
            : throw new FormatException($"a share is a number from 0 to 1, not {value.GetRawText()}");

    private static string Text(JsonElement record, string name) =>
        !record.TryGetProperty(name, out var value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw new FormatException($"\"{name}\" is text, not {value.GetRawText()}");

    private static string Needed(JsonElement record, string name) =>
        Text(record, name) is { Length: > 0 } text ? text : throw new FormatException($"\"{name}\" is missing");
}
