using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Staging;

namespace Muster.Promotion;

/// <summary>A table of someone else's SQLite database.</summary>
/// <remarks>SQLite works synchronously: between reading rows the methods block their caller.</remarks>
internal sealed class SqliteTarget : ITarget
{
    private static readonly byte[] Magic = "SQLite format 3\0"u8.ToArray();

    private readonly TargetSpec _spec;
    private readonly TimeProvider _time;

    /// <exception cref="ArgumentException">The spec is for another kind of target or names no table.</exception>
    public SqliteTarget(TargetSpec spec, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(time);
        if (spec.Kind != TargetKind.Sqlite || spec.Table is null) throw new ArgumentException("The target is not a table in SQLite.");
        _spec = spec;
        _time = time;
    }

    /// <summary>Called with the name of each point at which a process may die.</summary>
    internal Action<string> Reached { get; init; } = _ => { };

    /// <summary>The database grows to so many pages and is then full; null leaves it to the disk.</summary>
    internal long? MaxPages { get; init; }

    private string Shown => $"{Path.GetFileName(_spec.Path)}:{_spec.Table}";

    public Task<IReadOnlyList<TargetFault>> CheckAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(Faults(cancellationToken));

    public async Task<PromotionPlan> PlanAsync(
        PlanRequest request, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rows);
        RefuseFile();
        return await DatabaseErrors.Named(Shown, cancellationToken, async () =>
        {
            using var database = Open(cancellationToken);
            var reader = new OutputReader(_spec.Columns, ValueForm.Sql);
            return await new Planner(Work(database)).PlanAsync(request, reader, _spec.Insert, rows, cancellationToken);
        });
    }

    public Task<PromotionPlan?> FindPlanAsync(string planId, CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(new Planner(work).Find(planId)), cancellationToken);

    public Task<Receipt> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default) =>
        With(work => new Promoter(work).ApplyAsync(request, cancellationToken), cancellationToken);

    public Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(new Restorer(work).Rollback(request, cancellationToken)), cancellationToken);

    public Task<Verification> VerifyAsync(string promotionId, int seed, CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(new Verifier(work).Verify(promotionId, seed)), cancellationToken);

    public Task<Receipt> FinalizeAsync(string promotionId, CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(new Finalizer(work).Finalize(promotionId)), cancellationToken);

    public Task<long> ForgetAsync(ForgetRequest request, CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(new Forgetter(work).Forget(request)), cancellationToken);

    public Task<IReadOnlyList<Receipt>> ReceiptsAsync(CancellationToken cancellationToken = default) =>
        With(work => Task.FromResult(ReceiptReader.All(work)), cancellationToken);

    public async IAsyncEnumerable<PromotedRow> RowsAsync(
        string promotionId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RefuseFile();
        using var database = await DatabaseErrors.Named(Shown, cancellationToken, () => Task.FromResult(Open(cancellationToken)));
        foreach (var row in DatabaseErrors.Named(Shown, ReceiptReader.Rows(Work(database), promotionId))) yield return row;
    }

    private async Task<T> With<T>(Func<PromotionWork, Task<T>> step, CancellationToken cancellationToken)
    {
        RefuseFile();
        return await DatabaseErrors.Named(Shown, cancellationToken, async () =>
        {
            using var database = Open(cancellationToken);
            return await step(Work(database));
        });
    }

    private TargetDatabase Open(CancellationToken cancellationToken)
    {
        var database = TargetDatabase.Open(_spec.Path, Opening.Existing, cancellationToken);
        if (MaxPages is { } pages) database.Run($"pragma max_page_count = {pages}");
        return database;
    }

    private PromotionWork Work(TargetDatabase database) =>
        new(database, _spec.Table!, _spec.KeyColumn, [.. _spec.Columns.Select(c => c.Column)], Shown, _time) { Reached = Reached };

    private void RefuseFile()
    {
        if (FileFault() is { } fault) throw TargetException.Of([fault]);
    }

    private IReadOnlyList<TargetFault> Faults(CancellationToken cancellationToken)
    {
        if (FileFault() is { } fault) return [fault];
        var faults = new List<TargetFault>();
        if (DatabaseErrors.WriteFault(_spec.Path) is { } unwritable) faults.Add(unwritable);
        try
        {
            using var database = Open(cancellationToken);
            faults.AddRange(TargetShape.Faults(database, _spec.Table!, _spec.KeyColumn, [.. _spec.Columns.Select(c => c.Column)]));
        }
        catch (SqliteException e)
        {
            var named = DatabaseErrors.Of(Shown, e);
            faults.Add(new(named.Message, named.Hint));
        }

        return faults;
    }

    private TargetFault? FileFault()
    {
        if (!File.Exists(_spec.Path)) return new($"There is no database {_spec.Path}.", "Create it, or correct the path in the job's target.");
        try
        {
            using var file = new FileStream(_spec.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var head = new byte[Magic.Length];
            var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return read == 0 || head.AsSpan().SequenceEqual(Magic)
                ? null
                : new($"{_spec.Path} is not a SQLite database.", "Name a SQLite database, or use csv or jsonl for a file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new($"{_spec.Path} cannot be read: {e.Message}", "Give yourself the right to read and write it.");
        }
    }
}
