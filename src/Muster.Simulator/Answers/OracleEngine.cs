using System.Text;
using System.Text.Json;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Answers;

/// <summary>
/// Knows the expected answer per key. A model is wrong as the file says: by a bias within a slice first, then by chance. What it
/// does not know, and what a plan breaks, the schema engine answers.
/// </summary>
internal sealed class OracleEngine : AnswerEngine
{
    /// <summary>A dash and twenty characters that a sender may hang on its key.</summary>
    private const int TagChars = 21;

    private readonly OracleFile _file;
    private readonly Dictionary<string, OracleAnswer>.AlternateLookup<ReadOnlySpan<char>> _answers;
    private readonly IReadOnlyDictionary<string, double> _usual;
    private readonly SchemaEngine _otherwise = new();

    private OracleEngine(OracleFile file, IReadOnlyDictionary<string, double> usual)
    {
        _file = file;
        _answers = file.Answers.GetAlternateLookup<ReadOnlySpan<char>>();
        _usual = usual;
    }

    public static OracleEngine Load(SimulatorOptions options) =>
        options.OracleFile is { } path
            ? new OracleEngine(Answers.OracleFile.Load(path), options.OracleAccuracy)
            : throw new SimulatorException("The oracle engine has no file.", "Set OracleFile (--oracle FILE) to a TSV or JSONL file.");

    public override void Answer(Ask ask, ByteBuffer into)
    {
        Span<char> id = stackalloc char[128];
        id = id[..Encoding.UTF8.GetChars(ask.Id, id)];
        var known = _answers.TryGetValue(id, out var answer) || (id.Length > TagChars && _answers.TryGetValue(id[..^TagChars], out answer));
        if (!known || ask.Fate is not (RowFate.Succeeded or RowFate.Wrong or RowFate.Broken or RowFate.Truncated))
        {
            _otherwise.Answer(ask, into);
            return;
        }

        if (ask.Fate != RowFate.Wrong && Bias(ask, answer!) is { } bias)
        {
            WriteBiased(bias, ask, answer!, into);
        }
        else if (ask.Fate != RowFate.Wrong && Draw(ask, 0x0AC1E) < Accuracy(ask, answer!))
        {
            Write(ask, answer!.Json, answer.Text, into);
        }
        else
        {
            WriteWrong(ask, answer!, into);
        }
    }

    private static double Draw(Ask ask, ulong what) => Chance.Unit(Chance.Mix(ask.Hash, what));

    private static bool Fits(string model, string slice, Ask ask, OracleAnswer answer) =>
        ask.Model.Id.Contains(model, StringComparison.Ordinal) && (slice.Length == 0 || slice == answer.Slice);

    /// <summary>The first bias that speaks of this model, slice and value decides, whether it strikes or not.</summary>
    private OracleBias? Bias(Ask ask, OracleAnswer answer)
    {
        for (var i = 0; i < _file.Biases.Count; i++)
        {
            var bias = _file.Biases[i];
            if (Fits(bias.Model, bias.Slice, ask, answer) && Holds(answer, bias))
            {
                return !IsWarned(ask, bias) && Draw(ask, 0xB1A5 + (ulong)i) < bias.Share ? bias : null;
            }
        }

        return null;
    }

    private static bool IsWarned(Ask ask, OracleBias bias) => bias.Unless.Length > 0 && ask.System.Text.Contains(bias.Unless, StringComparison.Ordinal);

    private static bool Holds(OracleAnswer answer, OracleBias bias)
    {
        if (bias.Field.Length == 0)
        {
            return answer.Text == bias.From;
        }

        using var document = JsonDocument.Parse(answer.Json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(bias.Field, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(bias.From);
    }

    private double Accuracy(Ask ask, OracleAnswer answer)
    {
        foreach (var rule in _file.Accuracies)
        {
            if (Fits(rule.Model, rule.Slice, ask, answer))
            {
                return rule.Share;
            }
        }

        foreach (var (part, share) in _usual)
        {
            if (ask.Model.Id.Contains(part, StringComparison.Ordinal))
            {
                return share;
            }
        }

        return 1;
    }

    private static void WriteBiased(OracleBias bias, Ask ask, OracleAnswer answer, ByteBuffer into)
    {
        if (bias.Field.Length == 0)
        {
            Write(ask, JsonSerializer.SerializeToUtf8Bytes(bias.To), bias.To, into);
        }
        else
        {
            WriteWith(answer, bias.Field, JsonSerializer.SerializeToUtf8Bytes(bias.To), into);
        }
    }

    /// <summary>Wrong and still within the contract: another of the schema's choices, else another answer of the file.</summary>
    private void WriteWrong(Ask ask, OracleAnswer answer, ByteBuffer into)
    {
        if (answer.Text is { } right)
        {
            var others = _file.Others.Where(o => o != right).ToList();
            var wrong = others.Count == 0 ? right + "?" : others[(int)(Chance.Mix(ask.Hash, 0x3306) % (ulong)others.Count)];
            Write(ask, JsonSerializer.SerializeToUtf8Bytes(wrong), wrong, into);
            return;
        }

        using var document = JsonDocument.Parse(answer.Json);
        var choice = document.RootElement.ValueKind == JsonValueKind.Object
            ? ask.Schema.Schema?.Members.FirstOrDefault(m => m.Node.Choices.Count > 1 && document.RootElement.TryGetProperty(m.Name, out _))
            : null;
        if (choice is null)
        {
            var fate = ask.Fate;
            ask.Fate = RowFate.Wrong;
            _otherwise.Answer(ask, into);
            ask.Fate = fate;
            return;
        }

        var now = Encoding.UTF8.GetBytes(document.RootElement.GetProperty(choice.Name).GetRawText());
        var left = choice.Node.Choices.Where(c => !c.AsSpan().SequenceEqual(now)).ToList();
        WriteWith(answer, Encoding.UTF8.GetString(choice.Name), left[(int)(Chance.Mix(ask.Hash, 0x3306) % (ulong)left.Count)], into);
    }

    private static void Write(Ask ask, byte[] json, string? text, ByteBuffer into) =>
        into.Raw(text is null || ask.Schema.Schema is not null ? json : Encoding.UTF8.GetBytes(text));

    private static void WriteWith(OracleAnswer answer, string field, byte[] value, ByteBuffer into)
    {
        using var document = JsonDocument.Parse(answer.Json);
        var first = true;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            into.Raw(first ? "{"u8 : ","u8);
            first = false;
            into.Quoted(member.Name.AsSpan());
            into.Raw(":"u8);
            into.Raw(member.NameEquals(field) ? value : Encoding.UTF8.GetBytes(member.Value.GetRawText()));
        }

        into.Raw("}"u8);
    }
}
