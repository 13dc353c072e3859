using System.Runtime.CompilerServices;
using System.Text.Json;
using Muster.Jobs;
using Muster.Staging;

namespace Muster.Promotion;

/// <summary>
/// A CSV or JSONL file. Plans, logs and images are in a SQLite database beside it; the file itself is exchanged whole, so that a reader
/// sees the version before or the one after.
/// </summary>
internal sealed class FileTarget : ITarget
{
    /// <summary>That of <see cref="TargetDatabase"/>.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly TargetSpec _spec;
    private readonly string _path;
    private readonly string _sidecar;
    private readonly TimeProvider _time;

    /// <param name="spec">Of kind CSV or JSONL; its names have at most 63 bytes and do not start with <c>muster_</c>.</param>
    /// <param name="sidecar">Path of the database; made when missing. It belongs to this one file.</param>
    /// <exception cref="ArgumentException">The spec is for another kind of target.</exception>
    public FileTarget(TargetSpec spec, string sidecar, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentException.ThrowIfNullOrEmpty(sidecar);
        if (spec.Kind is not (TargetKind.Csv or TargetKind.Jsonl)) throw new ArgumentException("The target is not a CSV or JSONL file.");
        _spec = spec;
        // A link stays a link: what it points to is exchanged.
        var link = File.Exists(spec.Path) ? File.ResolveLinkTarget(spec.Path, returnFinalTarget: true) : null;
        _path = link?.FullName ?? Path.GetFullPath(spec.Path);
        _sidecar = Path.GetFullPath(sidecar);
        _time = time;
    }

    /// <summary>Called with the name of each point at which a process may die.</summary>
    internal Action<string> Reached { get; init; } = _ => { };

    private string Shown => Path.GetFileName(_spec.Path);
    private IReadOnlyList<string> Columns => [.. _spec.Columns.Select(c => c.Column)];

    public Task<IReadOnlyList<TargetFault>> CheckAsync(CancellationToken cancellationToken = default) => Task.FromResult(Faults());

    public Task<PromotionPlan> PlanAsync(
        PlanRequest request, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rows);
        return With(
            "apply",
            work => new Planner(work).PlanAsync(
                request, new OutputReader(_spec.Columns, Form().Values), _spec.Insert, rows, cancellationToken),
            cancellationToken);
    }

    public Task<PromotionPlan?> FindPlanAsync(string planId, CancellationToken cancellationToken = default) =>
        With("apply", work => Task.FromResult(new Planner(work).Find(planId)), cancellationToken);

    public Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default) =>
        With("apply", work => new Promoter(work).ApplyAsync(request, cancellationToken), cancellationToken);

    public Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default) =>
        With("rollback", work => Task.FromResult(new Restorer(work).Rollback(request, cancellationToken)), cancellationToken);

    public Task<Verification> VerifyAsync(string promotionId, int seed, CancellationToken cancellationToken = default) =>
        With("apply", work => Task.FromResult(new Verifier(work).Verify(promotionId, seed)), cancellationToken);

    public Task<Receipt> FinalizeAsync(string promotionId, CancellationToken cancellationToken = default) => With(
        "apply",
        work =>
        {
            var receipt = new Finalizer(work).Finalize(promotionId);
            File.Delete(new FileSwap(work.Database, _path, _time, Reached).Previous(promotionId));
            return Task.FromResult(receipt);
        },
        cancellationToken);

    public async Task<long> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(_sidecar)) return 0;
        return await With(
            "apply",
            work =>
            {
                var forgotten = new Forgetter(work).Forget(request);
                // Earlier versions of the file hold what the rows were, and the sidecar mirrors what they are; it is read again when needed.
                foreach (var receipt in ReceiptReader.All(work).Where(receipt => request.Keys is not null || receipt.RunId == request.RunId))
                    File.Delete(new FileSwap(work.Database, _path, _time, Reached).Previous(receipt.PromotionId));
                work.Database.Run($"delete from main.{FileTable.Name}; delete from main.muster_file_state; vacuum");
                return Task.FromResult(forgotten);
            },
            cancellationToken);
    }

    /// <summary>Who only asks makes nothing: without a sidecar there was no promotion.</summary>
    public async Task<IReadOnlyList<Receipt>> ReceiptsAsync(CancellationToken cancellationToken = default)
    {
        if (File.Exists(_sidecar)) return await With("apply", work => Task.FromResult(ReceiptReader.All(work)), cancellationToken);
        RefuseFaults();
        return [];
    }

    public async IAsyncEnumerable<PromotedRow> RowsAsync(
        string promotionId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var database = await DatabaseErrors.Named(
            Shown, cancellationToken, () => Task.FromResult(TargetDatabase.Open(_sidecar, Opening.Create, cancellationToken)));
        foreach (var row in DatabaseErrors.Named(Shown, ReceiptReader.Rows(Work(database), promotionId))) yield return row;
    }

    private FileForm Form() => _spec.Kind == TargetKind.Csv ? new CsvForm() : new JsonlForm();

    private PromotionWork Work(TargetDatabase database) =>
        new(database, FileTable.Name, _spec.KeyColumn, Columns, Shown, _time) { Reached = Reached };

    private async Task<T> With<T>(string action, Func<PromotionWork, Task<T>> step, CancellationToken cancellationToken)
    {
        RefuseFaults();
        return await DatabaseErrors.Named(Shown, cancellationToken, async () =>
        {
            OwnerOnly.Create(_sidecar);
            using var alone = await AloneAsync(cancellationToken);
            using var database = TargetDatabase.Open(_sidecar, Opening.Create, cancellationToken);
            database.Run(TargetDatabase.Sql("file"));
            var swap = new FileSwap(database, _path, _time, Reached);
            swap.Finish();
            var table = new FileTable(database, Form(), _path, _spec.KeyColumn);
            table.Load(Managed(database));
            var result = await step(Work(database) with { Committing = promotion => swap.Intend(table, promotion, action) });
            if (swap.Finish() != SwapOutcome.Undone) return result;
            throw new TargetException(
                $"{Shown} changed while its next version was written; it is kept as it is.", "Plan again and apply the new plan.");
        });
    }

    // Columns of live promotions stay comparable although the job manages others by now.
    private IReadOnlyList<string> Managed(TargetDatabase database)
    {
        if (!ReceiptReader.HasTables(database)) return Columns;
        var earlier = database.List("select distinct columns from main.muster_promotion", r => r.GetString(0))
            .SelectMany(json => JsonSerializer.Deserialize<List<string>>(json)!);
        var all = Columns.Concat(earlier).Where(c => c != _spec.KeyColumn).Distinct(StringComparer.OrdinalIgnoreCase);
        return [.. all.Take(TargetShape.MaxColumns)];
    }

    // Reviewers look at receipts at the same time; each waits for its turn as long as a target in a database would.
    private async Task<FileStream> AloneAsync(CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            try
            {
                OwnerOnly.Create(_sidecar + ".lock");
                return new FileStream(_sidecar + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (_time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, _time, cancellationToken);
            }
            catch (IOException e)
            {
                throw new TargetException(
                    $"Another process is working on {Shown}; nothing was changed.", "Wait until it is done and repeat.", e);
            }
        }
    }

    private void RefuseFaults()
    {
        if (Faults() is { Count: > 0 } faults) throw TargetException.Of(faults);
    }

    private IReadOnlyList<TargetFault> Faults()
    {
        var faults = Columns.Prepend(_spec.KeyColumn).Select(Identifier.Fault).OfType<TargetFault>().ToList();
        foreach (var name in Columns.Prepend(_spec.KeyColumn).Where(c => c.StartsWith("muster_", StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add(new($"The column name {Identifier.Show(name)} is reserved.", "Use a name that does not start with muster_."));
        }

        foreach (var twice in Columns.Prepend(_spec.KeyColumn).GroupBy(c => c, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults.Add(new($"The column {Identifier.Show(twice.Key)} is named more than once.", "Name the key and each managed column once."));
        }

        if (Directory.Exists(_path)) return [.. faults, new($"{_path} is a folder.", "Name a file.")];
        if (DatabaseErrors.FolderFault(_path) is { } folder) faults.Add(folder);
        try
        {
            faults.AddRange(FileTable.Missing(Form(), _path, _spec.KeyColumn, Columns).Select(c => new TargetFault(
                $"The file {Shown} has no column {Identifier.Show(c)}.", "Add it to the header, or correct the job's target.")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            faults.Add(new($"{_path} cannot be read: {e.Message}", "Correct the file, or give yourself the right to read it."));
        }

        return faults;
    }
}
