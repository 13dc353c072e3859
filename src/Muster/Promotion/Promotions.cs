using System.Runtime.CompilerServices;
using System.Text.Json;
using Muster.Jobs;
using Muster.Runs;
using Muster.Sources;
using Muster.Stores;

namespace Muster.Promotion;

/// <summary>Moves what a run staged into the job's target, and back. A plan comes first, then one transaction, then a receipt.</summary>
public sealed class Promotions
{
    private const int PlanChars = 8;
    private const int PromotionChars = 6;
    private const int ProgressStride = 5_000;

    private readonly Job job;
    private readonly ITarget target;
    private readonly PromotionsOptions options;

    internal Promotions(Job job, ITarget target, PromotionsOptions options)
    {
        this.job = job;
        this.target = target;
        this.options = options;
    }

    /// <exception cref="TargetException">The job names no target.</exception>
    public static Promotions Open(Job job, PromotionsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        options ??= new PromotionsOptions();
        return job.Target is { } spec
            ? new Promotions(job, Targets.Open(spec, options.Time), options)
            : throw new TargetException($"The job {job.Name} names no target.", "Add a `target` to the job file; accepted outputs stay staged until then.");
    }

    /// <summary>Names a run in a target, where runs of other stores may be promoted too: <c>r-1.7K2M9A</c>.</summary>
    internal static string RunIdOf(Run run) => $"{run.Name}.{run.Tag}";

    /// <summary>The run to promote: the named one, or the job's latest.</summary>
    /// <exception cref="UnknownRunException">There is none.</exception>
    /// <exception cref="TargetException">It is held, or it is not done and <paramref name="completeness"/> asks for that.</exception>
    internal async Task<Run> ChooseAsync(IStore store, string? name, Completeness completeness, CancellationToken cancellationToken = default)
    {
        var chosen = RunChoice.Of(job.Name, await store.RunsOfAsync(job.Name, cancellationToken), name);
        if (chosen.IsOverPickedRows())
        {
            throw new TargetException($"{chosen.Name} is a {chosen.Kind} run over picked rows; only a full run or a rerun is promoted.",
                "Run all rows with `muster run`.");
        }

        RefuseHeld(chosen);
        if (chosen.State != RunState.Done && completeness == Completeness.Whole)
        {
            var ledger = await store.LedgerAsync(chosen.Id, cancellationToken);
            throw new TargetException(
                $"{chosen.Name} is {RunStates.Word(chosen.State)}, not done: {ledger.Open} of {ledger.Rows} rows are open.",
                $"Finish it with `muster {RunKinds.Verb(chosen.Kind)}`, or promote what is accepted so far with `--partial`.");
        }

        return chosen;
    }

    /// <summary>Compares what the run staged with the target, and with the source as it is now. Writes only the plan.</summary>
    /// <exception cref="TargetException">The target cannot be used.</exception>
    /// <exception cref="SourceException">The source changed and can no longer be read.</exception>
    public Task<PlannedPromotion> PlanAsync(Runner runner, Run run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return PlanAsync(runner.Store, run, cancellationToken: cancellationToken);
    }

    /// <param name="forceKeys">Keys whose later edits by others are given up; null for none.</param>
    internal async Task<PlannedPromotion> PlanAsync(
        IStore store, Run run, IReadOnlySet<string>? forceKeys = null, CancellationToken cancellationToken = default)
    {
        var began = options.Time.GetUtcNow();
        var change = await SourceChangeAsync(run, cancellationToken);
        var request = new PlanRequest($"p-{options.Chance.Name(PlanChars)}", RunIdOf(run))
        {
            Actor = options.Actor, ForceKeys = forceKeys ?? new HashSet<string>(),
            SourceNow = change is null ? null : CountedAsync(SourceStatesAsync(run, cancellationToken), PromotionStep.ReadingSource, cancellationToken),
        };
        var staged = CountedAsync(store.StagedAsync(run.Id, cancellationToken), PromotionStep.ReadingAnswers, cancellationToken);
        var plan = await target.PlanAsync(request, staged, cancellationToken);
        await RefuseDecidedAsync(store, run, plan with { At = began }, cancellationToken);
        return new PlannedPromotion(plan, run.Name, change);
    }

    /// <summary>A plan that was made before.</summary>
    /// <exception cref="TargetException">It is unknown, applied or replaced.</exception>
    internal async Task<PlannedPromotion> FindAsync(IStore store, string planId, CancellationToken cancellationToken = default)
    {
        if (await target.FindPlanAsync(planId, cancellationToken) is not { } plan)
        {
            var applied = (await target.ReceiptsAsync(cancellationToken)).FirstOrDefault(receipt => receipt.PlanId == planId);
            throw applied is null
                ? new TargetException($"The target has no plan {Excerpt.Quoted(planId)}.", "It was replaced by a newer one, or never made here: plan again with `muster promote`.")
                : new TargetException($"The plan {planId} was applied as {applied.PromotionId} at {applied.At:yyyy-MM-dd HH:mm:ss}Z.",
                    $"Nothing is left to do; take it back with `muster rollback {applied.PromotionId}`.");
        }

        var run = await RunOfAsync(store, plan, cancellationToken);
        return new PlannedPromotion(plan, run.Name, await SourceChangeAsync(run, cancellationToken));
    }

    /// <summary>Does what the plan says, in one transaction. Keys that changed since are skipped and listed.</summary>
    /// <exception cref="TargetException">The plan is gone or another, or its run is held by now.</exception>
    /// <exception cref="PromotionHeldException">A gate holds the run, and <see cref="PromotionsOptions.DespiteGate"/> gives no reason.</exception>
    public Task<Receipt> ApplyAsync(Runner runner, PlannedPromotion planned, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(planned);
        return ApplyAsync(runner.Store, planned, cancellationToken);
    }

    internal async Task<Receipt> ApplyAsync(IStore store, PlannedPromotion planned, CancellationToken cancellationToken = default)
    {
        var run = await RunOfAsync(store, planned.Plan, cancellationToken);
        RefuseHeld(run);
        var change = await SourceChangeAsync(run, cancellationToken);
        await RefuseDecidedAsync(store, run, planned.Plan, cancellationToken);
        var id = $"prm-{options.Chance.Name(PromotionChars)}";
        await RefuseOrOverruleAsync(store, run, id, cancellationToken);
        await DriftHold.PassAsync(store, job, run, id, options, cancellationToken);
        options.Progress?.Report(new PromotionProgress(PromotionStep.Writing, 0));
        var receipt = await target.ApplyAsync(new ApplyRequest(planned.Plan.PlanId, id, options.Seed)
        {
            Actor = options.Actor, PlanHash = planned.Plan.Hash, SourceNow = change is null ? null : SourceStatesAsync(run, cancellationToken),
        }, cancellationToken);
        if (receipt.AlreadyApplied)
            return receipt;
        try
        {
            await RefuseDecidedAsync(store, run, planned.Plan, cancellationToken);
        }
        catch (TargetException)
        {
            // Somebody decided while it was written: nothing stays live that a person has just taken out.
            await target.RollbackAsync(new RollbackRequest(receipt.PromotionId), CancellationToken.None);
            throw;
        }

        return receipt;
    }

    /// <summary>A plan holds outputs as they were staged when it was made.</summary>
    private static async Task RefuseDecidedAsync(IStore store, Run run, PromotionPlan plan, CancellationToken cancellationToken)
    {
        if (await store.DecidedAtAsync(run.Id, cancellationToken) is { } decided && decided >= plan.At)
        {
            throw new TargetException($"People decided rows of {run.Name} at {decided:yyyy-MM-dd HH:mm:ss}Z, after the plan {plan.PlanId} was made; nothing of it is live.",
                "Plan again: `muster promote`.");
        }
    }

    /// <summary>Puts back what was there before a promotion, for each key that still holds what it wrote.</summary>
    /// <exception cref="TargetException">The promotion is unknown or final.</exception>
    public Task<RollbackReceipt> RollbackAsync(string promotionId, RollbackMode mode, CancellationToken cancellationToken = default) =>
        RollbackAsync(new RollbackRequest(promotionId, mode), cancellationToken);

    /// <inheritdoc cref="RollbackAsync(string, RollbackMode, CancellationToken)"/>
    public async Task<RollbackReceipt> RollbackAsync(RollbackRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        await FindReceiptAsync(request.PromotionId, cancellationToken);
        return await target.RollbackAsync(request, cancellationToken);
    }

    /// <summary>Reads back a sample of what a promotion wrote, and its counts.</summary>
    /// <exception cref="TargetException">The promotion is unknown.</exception>
    public async Task<Verification> VerifyAsync(string promotionId, CancellationToken cancellationToken = default)
    {
        await FindReceiptAsync(promotionId, cancellationToken);
        return await target.VerifyAsync(promotionId, options.Seed, cancellationToken);
    }

    /// <summary>Ends the undo window: removes the images of what was there before and after, and keeps the hashes. It cannot be taken back.</summary>
    /// <exception cref="TargetException">The promotion is unknown.</exception>
    public async Task<Receipt> FinalizeAsync(string promotionId, CancellationToken cancellationToken = default)
    {
        await FindReceiptAsync(promotionId, cancellationToken);
        return await target.FinalizeAsync(promotionId, cancellationToken);
    }

    public Task<IReadOnlyList<Receipt>> ReceiptsAsync(CancellationToken cancellationToken = default) => target.ReceiptsAsync(cancellationToken);

    /// <exception cref="TargetException">The promotion is unknown.</exception>
    internal async Task<Receipt> FindReceiptAsync(string promotionId, CancellationToken cancellationToken = default)
    {
        var known = await target.ReceiptsAsync(cancellationToken);
        return known.FirstOrDefault(receipt => receipt.PromotionId == promotionId)
            ?? throw new TargetException($"The target has no promotion {Excerpt.Quoted(promotionId)}"
                + (known.Count == 0 ? "; it has none at all." : $"; it has {string.Join(", ", known.Take(10).Select(receipt => receipt.PromotionId))}."),
                "Name one that the target holds; `muster report` lists those of a run.");
    }

    private async Task<Run> RunOfAsync(IStore store, PromotionPlan plan, CancellationToken cancellationToken) =>
        (await store.RunsAsync(cancellationToken)).FirstOrDefault(run => RunIdOf(run) == plan.RunId)
        ?? throw new TargetException($"The plan {plan.PlanId} is of the run {Excerpt.Quoted(plan.RunId)}, which is not in this store.",
            $"Apply it where it was made, or set {StoreFolder.Variable} to that store.");

    /// <summary>What holds a run's outputs back; empty when nothing does.</summary>
    internal Task<IReadOnlyList<PromotionHold>> HoldsAsync(IStore store, Run run, CancellationToken cancellationToken = default) =>
        Holds.OfAsync(store, run, options.Time, cancellationToken);

    /// <summary>The run that a plan is of.</summary>
    internal Task<Run> RunOfAsync(IStore store, PlannedPromotion planned, CancellationToken cancellationToken = default) =>
        RunOfAsync(store, planned.Plan, cancellationToken);

    private async Task RefuseOrOverruleAsync(IStore store, Run run, string promotionId, CancellationToken cancellationToken)
    {
        var holds = await HoldsAsync(store, run, cancellationToken);
        if (holds.Count == 0)
            return;
        if (options.DespiteGate is not { } reason)
            throw new PromotionHeldException(run, holds);
        await store.RecordOverrideAsync(new PromotionOverride(run.Id, Holds.Evals, promotionId, options.Time.GetUtcNow(), options.Actor, reason, [.. holds.Select(hold => hold.Reason)]), cancellationToken);
    }

    private static void RefuseHeld(Run run)
    {
        if (run.State == RunState.Held)
        {
            throw new TargetException($"{run.Name} is held: {run.Why}", "Look at it with `muster report` and `muster reconcile`; nothing of a held run is promoted.");
        }
    }

    /// <summary>What the run was asked about, where the job has it now when its folder was moved.</summary>
    private SourceSpec SourceOf(Run run)
    {
        var asked = JobSnapshot.FromJson(run.Snapshot).Source;
        return asked.Paths.All(File.Exists) || asked.Paths.Count != job.Source.Paths.Count ? asked : asked with { Paths = job.Source.Paths };
    }

    private async Task<string?> SourceChangeAsync(Run run, CancellationToken cancellationToken)
    {
        var now = await SourceFingerprint.ComputeAsync(SourceOf(run), cancellationToken);
        return now.ChangeSince(JsonSerializer.Deserialize<SourceFingerprint>(run.Fingerprint)!);
    }

    /// <summary>The rows as they are now. Of rows with the same key the first counts, as it did in the run.</summary>
    private async IAsyncEnumerable<SourceState> SourceStatesAsync(Run run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var source = await Source.OpenAsync(SourceOf(run), cancellationToken);
        await foreach (var row in source.ReadAsync(0, cancellationToken))
        {
            if (row.Fault is null)
                yield return new SourceState(row.Key!, SourceRow.SourceHash(row.Input.Span));
        }
    }

    private async IAsyncEnumerable<T> CountedAsync<T>(
        IAsyncEnumerable<T> rows, PromotionStep step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (++count % ProgressStride == 0)
                options.Progress?.Report(new PromotionProgress(step, count));
            yield return row;
        }

        options.Progress?.Report(new PromotionProgress(PromotionStep.Comparing, 0));
    }
}

/// <summary>Whether a run must be over before its outputs are promoted.</summary>
internal enum Completeness { Whole, Partial }

/// <param name="Run">The run's name.</param>
/// <param name="SourceChange">What is different about the source since the run opened; null when nothing is.</param>
public sealed record PlannedPromotion(PromotionPlan Plan, string Run, string? SourceChange);

public sealed record PromotionsOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Chance Chance { get; init; } = Chance.Unguessable();

    /// <summary>Who promotes, for the receipt.</summary>
    public string Actor { get; init; } = Environment.UserName;

    /// <summary>Why a run is promoted although drift holds it; recorded. Null lets a hold stand.</summary>
    public string? DespiteDrift { get; init; }

    /// <summary>Chooses the keys that are read back after writing.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Promotes although a gate holds the run, for this reason, which the store keeps. Default null, which refuses.</summary>
    public string? DespiteGate { get; init; }

    internal IProgress<PromotionProgress>? Progress { get; init; }
}
