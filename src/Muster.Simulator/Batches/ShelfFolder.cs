using System.Text.Json;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Batches;

/// <summary>Where spilled requests lie: a temporary folder that goes with the process, or a state folder that outlives it.</summary>
internal sealed class ShelfFolder
{
    /// <summary>A batch of one prompt has a handful; more are marks on rows of their own.</summary>
    private const int MaxKeptPrefixes = 64;

    private readonly Dictionary<BatchRecord, PrefixForm[]> _prefixes = [];
    private readonly string _path;
    private readonly bool _lasting;
    private int _spills;

    private ShelfFolder(string path, bool lasting)
    {
        _path = path;
        _lasting = lasting;
    }

    public static ShelfFolder Open(string? stateFolder)
    {
        if (stateFolder is null)
        {
            return new ShelfFolder(Directory.CreateTempSubdirectory("muster-simulator-").FullName, lasting: false);
        }

        Directory.CreateDirectory(stateFolder);
        foreach (var file in Directory.EnumerateFiles(stateFolder))
        {
            // What a killed process left of a create that never became a batch.
            if (file.EndsWith(".incoming", StringComparison.Ordinal)
                || (file.EndsWith(".rows", StringComparison.Ordinal) && !File.Exists(Path.ChangeExtension(file, "batch"))))
            {
                File.Delete(file);
            }
        }

        return new ShelfFolder(stateFolder, lasting: true);
    }

    public RowSpill NewSpill() => RowSpill.Create(Path.Combine(_path, $"{Interlocked.Increment(ref _spills)}.incoming"));

    /// <summary>The record file is written last: without it a batch does not exist.</summary>
    public void Keep(BatchRecord batch, IReadOnlyDictionary<ulong, bool>? prefixes)
    {
        if (!_lasting)
        {
            return;
        }

        if (!File.Exists(PathOf(batch.Number, "rows")))
        {
            batch.Spill.MoveTo(PathOf(batch.Number, "rows"), PathOf(batch.Number, "index"));
        }

        if (prefixes is not null)
        {
            _prefixes[batch] = [.. prefixes.Take(MaxKeptPrefixes).Select(p => new PrefixForm(p.Key, p.Value))];
        }

        WriteWhole(PathOf(batch.Number, "batch"), JsonSerializer.Serialize(FormOf(batch, null)));
        WriteClock(batch.CancelAt ?? batch.CreatedAt);
    }

    public void Forget(BatchRecord batch, Bill bill)
    {
        if (_lasting)
        {
            // The index stays: what was accepted remains true after a delete.
            WriteWhole(PathOf(batch.Number, "batch"), JsonSerializer.Serialize(FormOf(batch, bill)));
        }

        _prefixes.Remove(batch);
        batch.Spill.Delete();
    }

    public IEnumerable<KeptBatch> Load()
    {
        if (!_lasting)
        {
            yield break;
        }

        foreach (var file in Directory.EnumerateFiles(_path, "*.batch").Order(StringComparer.Ordinal))
        {
            var form = JsonSerializer.Deserialize<BatchForm>(File.ReadAllText(file))!;
            var batch = new BatchRecord
            {
                Id = form.Id,
                Number = form.Number,
                Workspace = form.Workspace,
                Version = form.Version,
                LongOutput = form.LongOutput,
                OnCancel = form.OnCancel,
                CreatedAt = form.CreatedAt,
                VisibleAt = form.VisibleAt,
                Takes = form.Takes,
                HasUnfinished = form.HasUnfinished,
                Spill = RowSpill.Open(PathOf(form.Number, "rows"), PathOf(form.Number, "index")),
            };
            if (form.Cancellation is { } cancellation)
            {
                batch.Cancel(cancellation);
            }

            var prefixes = form.Prefixes ?? [];
            if (form.DeletedBill is null)
            {
                _prefixes[batch] = prefixes;
            }

            yield return new KeptBatch(batch, prefixes, form.DeletedBill);
        }
    }

    public DateTimeOffset? ReadClock() =>
        _lasting && File.Exists(Path.Combine(_path, "clock"))
            ? JsonSerializer.Deserialize<DateTimeOffset>(File.ReadAllText(Path.Combine(_path, "clock")))
            : null;

    public void Clear()
    {
        foreach (var file in Directory.EnumerateFiles(_path))
        {
            File.Delete(file);
        }
    }

    public void Close(DateTimeOffset now)
    {
        if (_lasting)
        {
            WriteClock(now);
        }
        else
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    private BatchForm FormOf(BatchRecord batch, Bill? deletedBill) => new(
        batch.Id, batch.Number, batch.Workspace, batch.Version, batch.CreatedAt, batch.VisibleAt, batch.Takes, batch.HasUnfinished,
        batch.Cancellation, batch.LongOutput, batch.OnCancel, _prefixes.GetValueOrDefault(batch), deletedBill);

    private void WriteClock(DateTimeOffset now) => WriteWhole(Path.Combine(_path, "clock"), JsonSerializer.Serialize(now));

    private static void WriteWhole(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    private string PathOf(int number, string kind) => Path.Combine(_path, $"{number:D8}.{kind}");

    private sealed record BatchForm(
        string Id, int Number, string Workspace, string Version, DateTimeOffset CreatedAt, DateTimeOffset VisibleAt, TimeSpan Takes,
        bool HasUnfinished, Cancellation? Cancellation, bool LongOutput, CancelEffect OnCancel, PrefixForm[]? Prefixes, Bill? DeletedBill);
}

internal sealed record PrefixForm(ulong Hash, bool OneHour);

/// <summary>A batch as an earlier process left it; the bill is there when it was deleted.</summary>
internal sealed record KeptBatch(BatchRecord Batch, IReadOnlyList<PrefixForm> Prefixes, Bill? DeletedBill);
