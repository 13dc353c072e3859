using System.Text.Json;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Sources;

namespace Muster.Tests.Pilots;

/// <summary>Rows in memory as a source: id, text and category.</summary>
internal sealed class RowList(IEnumerable<string?[]> rows, IReadOnlyList<string>? columns = null) : ISource
{
    public static readonly PromptSpec Prompt = new(null, "Sort: {{text}}", new Dictionary<string, string>());

    public IReadOnlyList<string> Columns { get; } = columns ?? ["id", "text", "category"];

    public static RowList Of(IEnumerable<string?> texts) => new(texts.Select((text, i) => (string?[])[$"k{i}", text, "all"]));

    public static Task<HardRows> PickAsync(IEnumerable<string?> texts, int rows = 100, ulong seed = 1) => Of(texts).PickAsync(rows, seed);

    public async Task<HardRows> PickAsync(int rows = 100, ulong seed = 1, PromptSpec? prompt = null) =>
        await HardRowPicker.PickAsync(this, prompt ?? Prompt, new KeySpec(["id"]), new HardRowOptions(rows, seed), TestContext.Current.CancellationToken);

    public async IAsyncEnumerable<SourceRow> ReadAsync(
        long skip = 0, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        var line = 1;
        foreach (var row in rows)
        {
            line++;
            yield return row.Length == 0
                ? new SourceRow($"a.csv:{line}", $"bad{line}", default, new SourceFault("REQ.BAD_RECORD.ragged", "ragged"))
                : new SourceRow($"a.csv:{line}", row[0], JsonSerializer.SerializeToUtf8Bytes(row));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
