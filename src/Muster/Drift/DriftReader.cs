using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Drift;

/// <summary>
/// Judges a full run as its rows stand, reruns included: against the last run before it that was promoted, and against the job's eval set.
/// </summary>
/// <param name="job">As its file says now: its target tells what was promoted.</param>
internal sealed class DriftReader(SqliteStore store, Job job, TimeProvider time)
{
    private readonly RunProfiler profiler = new(store);

    /// <summary>The run that is meant: the named one, or the job's newest full run.</summary>
    /// <exception cref="UnknownRunException">There is none.</exception>
    /// <exception cref="DriftException">It asked picked rows.</exception>
    public async Task<Run> ChooseAsync(string? name, CancellationToken cancellationToken = default)
    {
        var chosen = RunChoice.FullOf(job.Name, await store.RunsOfAsync(job.Name, cancellationToken), name);
        return !chosen.IsOverPickedRows() ? chosen
            : throw new DriftException($"{chosen.Name} is a {chosen.Kind} run over picked rows, which are harder than the source: drift is judged of full runs.", "Name a full run.");
    }

    /// <param name="against">What it is compared with instead of the last accepted run before it; null for that.</param>
    /// <exception cref="DriftException">One of the two is still under way or was purged, or they are the same.</exception>
    public async Task<DriftAccount> ReadAsync(Run run, Run? against = null, CancellationToken cancellationToken = default)
    {
        var family = await store.FamilyAsync(run, cancellationToken);
        var current = await profiler.ProfileAsync(family, cancellationToken);
        var (reference, whyAlone) = against is null
            ? await LastAcceptedAsync(family, cancellationToken)
            : (await store.FamilyAsync(against, cancellationToken), null);
        if (reference?.Full.Id == family.Full.Id)
            throw new DriftException($"{run.Name} and {against!.Name} are the same rows: {family.Full.Name} with its reruns.", "Compare with another full run.");
        var before = reference is null ? null : await profiler.ProfileAsync(reference, cancellationToken);
        var gold = new GoldAnswers(store, job);
        var (comparison, note) = await gold.GradeAsync(family, reference, cancellationToken);
        var report = DriftJudge.Judge(new DriftInput(current, before)
        {
            Ledger = Counted(family), JobModels = NamedModels(family, current, before), Gold = comparison, Transitions = gold.Moves, HidesKeys = job.Source.Key.Sensitive,
        });
        return new DriftAccount(family, reference, whyAlone, report, note)
        {
            Override = await LastOverrideAsync(family, cancellationToken),
        };
    }

    /// <summary>A purge leaves a stand-in for a key, and a profile stays as it was: only their numbers can be compared.</summary>
    private LedgerCount Counted(RunFamily family)
    {
        var ledger = store.CountKeys(family.Full);
        return family.Runs.Any(run => store.Purges(run.Id).Count > 0) ? ledger with { KeySum = null } : ledger;
    }

    private async Task<PromotionOverride?> LastOverrideAsync(RunFamily family, CancellationToken cancellationToken)
    {
        var overrides = new List<PromotionOverride>();
        foreach (var run in family.Runs)
            overrides.AddRange((await store.OverridesAsync(run.Id, cancellationToken)).Where(one => one.HeldBy == DriftHold.Name));
        return overrides.MaxBy(one => one.At);
    }

    private async Task<(RunFamily? Family, string? Why)> LastAcceptedAsync(RunFamily family, CancellationToken cancellationToken)
    {
        if (job.Target is not { } target)
            return (null, "The job names no target, so no run of it was ever accepted.");
        var accepted = (await Targets.Open(target, time).ReceiptsAsync(cancellationToken))
            .Where(receipt => receipt.State != PromotionState.RolledBack).Select(receipt => receipt.RunId).ToHashSet(StringComparer.Ordinal);
        var earlier = (await store.RunsAsync(cancellationToken))
            .Where(run => run.Job == job.Name && run.IsFull() && run.Id < family.Full.Id && accepted.Contains(Promotions.RunIdOf(run))).ToList();
        if (earlier.Count == 0)
            return (null, $"No run before {family.Full.Name} was promoted, or its promotion was taken back.");
        var contract = ContractOf(family.Full);
        if (earlier.FindLast(run => ContractOf(run) == contract) is { } same)
            return (await store.FamilyAsync(same, cancellationToken), null);
        var last = earlier[^1];
        return (null, $"{last.Name}, the last one promoted before {family.Full.Name}, has another contract{(earlier.Count > 1 ? ", and so has every one before it" : "")}."
            + $" Compare them all the same with --against {last.Name}.");
    }

    private static string ContractOf(Run run) => YamlJson.Compacted(JobSnapshot.FromJson(run.Snapshot).Contract.SchemaJson);

    /// <summary>
    /// Ids that the job names; and the dated id of a name that it has, when no answer of the reference came from that model: it cannot
    /// be another one than before.
    /// </summary>
    private static IReadOnlyList<string> NamedModels(RunFamily family, RunProfile current, RunProfile? reference)
    {
        var names = family.Runs.SelectMany(run => JobSnapshot.FromJson(run.Snapshot).Tiers).Select(tier => tier.Model).ToHashSet(StringComparer.Ordinal);
        var answered = (reference?.Models.Keys ?? []).Select(Prices.WithoutDate).ToHashSet(StringComparer.Ordinal);
        return [.. names, .. current.Models.Keys.Where(id => names.Contains(Prices.WithoutDate(id)) && !answered.Contains(Prices.WithoutDate(id)))];
    }
}
