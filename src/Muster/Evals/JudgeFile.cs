using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Evals;

/// <summary>
/// The questions to a judge as the source of its run: a file in the store's folder for as long as that run goes on. The same answers give
/// the same bytes, so a run that was killed finds its source unchanged.
/// </summary>
internal sealed class JudgeFile(IStore store, EvalReader reader, string folder)
{
    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The file; null when no answer waits for a judge.</returns>
    public async Task<string?> WriteAsync(Run run, EvalSet set, CancellationToken cancellationToken = default)
    {
        var rubrics = set.Fields.Where(field => field.Value.Kind == CompareKind.Rubric).ToList();
        if (rubrics.Count == 0)
            return null;
        var isGold = run.CarriesGold && (await store.EvalSetAsync(run.Id, cancellationToken))?.Hash == set.Hash;
        var answers = isGold
            ? (await reader.GoldAnswersAsync(run, cancellationToken)).ToDictionary(one => one.Key, one => one.Value.FirstOrDefault(answer => answer.State != AnswerState.NotAsked))
            : (await reader.AnswersAsync(run, set, cancellationToken)).ToDictionary(one => one.Key, EvalAnswer? (one) => one.Value);
        var lines = new ArrayBufferWriter<byte>();
        foreach (var one in set.Cases)
        {
            if (answers.GetValueOrDefault(one.Key) is not { State: AnswerState.Answered } answer)
                continue;
            var input = await InputAsync(run, one, cancellationToken);
            foreach (var (pointer, by) in rubrics.Where(rubric => one.Expect.ContainsKey(rubric.Key)))
                Write(lines, one, pointer, by, answer, input);
        }

        if (lines.WrittenCount == 0)
            return null;
        var path = Path.Combine(folder, "judge", $"{run.Name}-{set.Id}-{set.Version}.jsonl");
        OwnerOnly.Create(path);
        await using var file = OwnerOnly.Write(path);
        await file.WriteAsync(lines.WrittenMemory, cancellationToken);
        return path;
    }

    private static void Write(ArrayBufferWriter<byte> lines, EvalCase one, string pointer, Comparator by, EvalAnswer answer, string input)
    {
        using var output = JsonDocument.Parse(answer.Output);
        // An answer without the field is wrong whatever a judge says.
        if (output.RootElement.ValueKind != JsonValueKind.Object || !output.RootElement.TryGetProperty(OutputShape.Name(pointer), out var found))
            return;
        using (var writer = new Utf8JsonWriter(lines, Form))
        {
            writer.WriteStartObject();
            writer.WriteString("key", JudgeScores.RowOf(one.Key, pointer));
            writer.WriteString("rubric", by.Rubric);
            writer.WriteString("input", input);
            writer.WriteString("reference", Text(one.Expect[pointer]));
            writer.WriteString("answer", Text(found));
            writer.WriteEndObject();
        }

        lines.Write("\n"u8);
    }

    /// <summary>The row as a person would read it: columns with their values.</summary>
    private async Task<string> InputAsync(Run run, EvalCase one, CancellationToken cancellationToken)
    {
        if (one.Input is not null)
            return string.Join('\n', one.Input.Select(column => $"{column.Key}: {column.Value}"));
        if (await store.AnswerAsync(run.Id, one.Key, cancellationToken) is not { Input.IsEmpty: false } row)
            return "";
        using var values = JsonDocument.Parse(row.Input);
        return string.Join('\n', run.Columns.Zip(values.RootElement.EnumerateArray(), (column, value) => $"{column}: {Text(value)}"));
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? Contracts.JsonText.Decode(Encoding.UTF8.GetBytes(value.GetRawText())[1..^1], value.GetRawText().Contains('\\'))
        : value.ValueKind == JsonValueKind.Null ? "null" : value.GetRawText();
}
