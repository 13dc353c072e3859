using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Answers;

/// <summary>Knows the expected answer per key, and gives it as often as the model is accurate; otherwise the schema engine's wrong one.</summary>
internal sealed class OracleEngine : AnswerEngine
{
    private const int TagBytes = 21;
    private readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _expected;
    private readonly IReadOnlyDictionary<string, double> _accuracy;
    private readonly SchemaEngine _otherwise = new();

    private OracleEngine(Dictionary<string, byte[]> expected, IReadOnlyDictionary<string, double> accuracy)
    {
        _expected = expected.GetAlternateLookup<ReadOnlySpan<char>>();
        _accuracy = accuracy;
    }

    public static OracleEngine Load(SimulatorOptions options)
    {
        if (options.OracleFile is not { } path || !File.Exists(path))
        {
            throw new SimulatorException($"The oracle file \"{options.OracleFile}\" is not there.", "Set OracleFile to a TSV or JSONL file.");
        }

        var expected = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path).Where(l => l.Length > 0))
        {
            if (line[0] == '{')
            {
                using var document = JsonDocument.Parse(line);
                expected[document.RootElement.GetProperty("key").GetString()!] =
                    Encoding.UTF8.GetBytes(document.RootElement.GetProperty("expected").GetRawText());
            }
            else
            {
                var tab = line.IndexOf('\t');
                expected[tab < 0 ? line : line[..tab]] = Encoding.UTF8.GetBytes(tab < 0 ? "" : line[(tab + 1)..]);
            }
        }

        return new OracleEngine(expected, options.OracleAccuracy);
    }

    public override void Answer(Ask ask, ByteBuffer into)
    {
        Span<char> id = stackalloc char[128];
        id = id[..Encoding.UTF8.GetChars(ask.Id, id)];
        var known = _expected.TryGetValue(id, out var answer)
            || (id.Length > TagBytes && _expected.TryGetValue(id[..^TagBytes], out answer));
        if (known && ask.Fate == Faults.RowFate.Succeeded && Chance.Unit(Chance.Mix(ask.Hash, 0x0AC1E)) < Accuracy(ask.Model.Id))
        {
            into.Raw(answer);
            return;
        }

        ask.Fate = known && ask.Fate == Faults.RowFate.Succeeded ? Faults.RowFate.Wrong : ask.Fate;
        _otherwise.Answer(ask, into);
    }

    private double Accuracy(string model)
    {
        foreach (var (part, accuracy) in _accuracy)
        {
            if (model.Contains(part, StringComparison.Ordinal))
            {
                return accuracy;
            }
        }

        return 1;
    }
}
