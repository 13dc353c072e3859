using System.Text.Json;
using Muster.Checks;
using Muster.Claude;
using Muster.Contracts;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Promotion;
using Muster.Requests;
using Muster.Review;
using Muster.Runs;
using Muster.Sources;
using Muster.Stores.Sqlite;

namespace Muster.Selections;

/// <summary>
/// Plans a run over some rows of a full run, and opens it: its rows are written with it, so that neither a later write nor another
/// selector can change which they are. Whoever runs the job then goes on with it.
/// </summary>
internal sealed class Rerunner(SqliteStore store, TimeProvider time)
{
    /// <summary>The share of a tier's rows that the next tier is assumed to be asked about, as in a check.</summary>
    private static readonly double EscalatedShare = new CheckOptions().EscalatedShare;

    /// <summary>The job's unfinished rerun, or null.</summary>
    public async Task<Rerun?> UnfinishedAsync(string job, CancellationToken cancellationToken = default) =>
        (await store.RerunsAsync(cancellationToken)).LastOrDefault(rerun => rerun.Run.Job == job && !RunStates.IsFinal(rerun.Run.State));

    /// <exception cref="MusterException">The selector means nothing or everything, or the run's rows cannot be asked again.</exception>
    public async Task<RerunPlan> PlanAsync(RerunRequest request, CancellationToken cancellationToken = default)
    {
        var (plan, _) = await PrepareAsync(request, cancellationToken);
        return plan;
    }

    /// <summary>Opens the rerun; needs a store that was opened for writing.</summary>
    /// <exception cref="RerunException">As for the plan; or the selection is another than the one that was shown.</exception>
    /// <exception cref="PilotRequiredException">Every row would be asked with a version that is not piloted.</exception>
    public async Task<Run> OpenAsync(RerunRequest request, Chance chance, CancellationToken cancellationToken = default)
    {
        var (plan, fingerprint) = await PrepareAsync(request, cancellationToken);
        if (request.Hash is { } shown && shown != plan.Frozen.Hash)
        {
            throw new RerunException($"`{plan.Selector}` means other rows by now: {Amount.Of(plan.Frozen.Rows, "row")} with the hash {plan.Frozen.Hash}, not {Excerpt.Of(shown)}.",
                "Look at them again with --plan.", ExitCodes.StalePlan);
        }

        if (plan.NeedsPilot && !request.Unpiloted)
            throw new PilotRequiredException(request.Definition.Name, plan.Version, await PilotLocker.LockedBeforeAsync(store, request.Definition, cancellationToken), RunKinds.Rerun);
        var (job, now) = (request.Definition, time.GetUtcNow());
        var opening = new RunOpening(job.Name, plan.Version, JobSnapshot.ToJson(job), RunKinds.Rerun, JsonSerializer.Serialize(fingerprint), plan.Full.Columns, chance.Name(CustomId.RunChars), now)
        {
            Unpiloted = await store.PilotLockAsync(job.Name, plan.Version, cancellationToken) is null,
        };
        var run = await store.OpenRerunAsync(opening, plan.Full, new Selection("", plan.Full.Name, plan.Selector.ToString(), plan.Frozen.Rows, plan.Frozen.Hash, now), cancellationToken);
        // Whoever names an issue mends it. Where its state does not allow that it stays as it is; its rows are asked all the same.
        foreach (var issue in store.Issues(job.Name).Where(issue => Names(plan.Selector, issue)))
            store.MoveIssue(job.Name, issue.Fingerprint, known => IssueActions.Fix(known, run.Name, request.Actor));
        return run;
    }

    private static bool Names(Selector selector, Issue issue) => selector.Terms.Where(term => term is { Field: SelectorField.Issue, Negated: false })
        .SelectMany(term => term.Values).Any(value => value.Match == SelectorMatch.Exact && (value.Text == issue.Id || value.Text == issue.Fingerprint));

    private async Task<(RerunPlan Plan, SourceFingerprint Fingerprint)> PrepareAsync(RerunRequest request, CancellationToken cancellationToken)
    {
        var job = request.Definition;
        var family = await ChooseAsync(request, cancellationToken);
        var fingerprint = await SourceFingerprint.ComputeAsync(job.Source, cancellationToken);
        var change = fingerprint.ChangeSince(JsonSerializer.Deserialize<SourceFingerprint>(family.Full.Fingerprint)!);
        await using var source = change is null ? null : await Source.OpenAsync(job.Source, cancellationToken);
        if (source is not null && !source.Columns.SequenceEqual(family.Full.Columns))
        {
            throw new RerunException($"The source has other columns than when {family.Full.Name} read it: {Excerpt.List(source.Columns)}, not {Excerpt.List(family.Full.Columns)}.",
                "Run all rows with `muster run`.");
        }

        var context = new SelectorContext(time.GetUtcNow(), await KeyFile.ReadAllAsync([request.Selector], cancellationToken));
        var frozen = await store.FreezeAsync(family, request.Selector, context, source?.ReadAsync(0, cancellationToken), cancellationToken);
        var total = store.CountKeys(family.Full).Rows;
        await RefuseAsync(request, family, frozen, total, context, cancellationToken);
        var (forecast, aside) = await ForecastAsync(job, family.Full.Columns, cancellationToken);
        return (new RerunPlan(family.Full, JobVersion.Of(job), request.Selector, frozen, total, forecast, aside, change,
            await SupersededAsync(job, frozen, cancellationToken))
        {
            // As many rows as a full run: what that is refused for, this is.
            NeedsPilot = frozen.Meant == total && job.Pilot.Required && await store.PilotLockAsync(job.Name, JobVersion.Of(job), cancellationToken) is null,
        }, fingerprint);
    }

    private async Task<RunFamily> ChooseAsync(RerunRequest request, CancellationToken cancellationToken)
    {
        var name = request.Definition.Name;
        var runs = await store.RunsOfAsync(name, cancellationToken);
        var run = RunChoice.FullOf(name, runs, request.Run);
        if (run.IsOverPickedRows())
            throw new RerunException($"{run.Name} is a {run.Kind} run over picked rows; rows of a full run are run again.", "Repeat it with `muster pilot --anew`, or name a full run.");
        var family = await store.FamilyAsync(run, cancellationToken);
        if (runs.Find(one => !RunStates.IsFinal(one.State)) is { } open)
            throw new OtherRunException(open.Name, open.Kind, RunKinds.Rerun);
        return family;
    }

    private async Task RefuseAsync(RerunRequest request, RunFamily family, FrozenRows frozen, long total, SelectorContext context, CancellationToken cancellationToken)
    {
        if (frozen.Meant > 0 && frozen.Rows == 0)
        {
            throw new RerunException($"None of the {Amount.Of(frozen.Meant, "row")} that `{request.Selector}` means in {family.Full.Name} can be asked again: "
                + string.Join(", ", new[] { (frozen.Purged, "purged"), (frozen.Gone.Rows, "gone from the source"), (frozen.Keyless, "without a key") }.Where(part => part.Item1 > 0).Select(part => $"{Amount.Grouping(part.Item1)} {part.Item2}")) + ".",
                "Run the source as it is now with `muster run`.");
        }

        var alone = new Dictionary<SelectorTerm, long>();
        if (frozen.Meant == 0)
        {
            foreach (var term in request.Selector.Terms)
                alone[term] = await CountAsync(family, new Selector([term]), context, cancellationToken);
        }

        switch (SelectionAnswer.Of(request.Selector, frozen.Meant, total, term => alone[term]))
        {
            case SelectionAnswer.Nothing nothing:
                throw new RerunException($"{family.Full.Name}: {nothing.Why}", "`muster report` and `muster drift` say what there is; docs/selectors.md says how it is named.");
            case SelectionAnswer.Everything everything when request.Selector.Terms.Count > 0 || !request.MayBeEverything:
                throw new RerunException($"{family.Full.Name}: {everything.Why}", everything.Hint);
        }
    }

    private async Task<long> CountAsync(RunFamily family, Selector selector, SelectorContext context, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (var _ in store.SelectAsync(family, selector, context, cancellationToken))
            count++;
        return count;
    }

    private async Task<(Forecast? Forecast, long SetAside)> ForecastAsync(Job job, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var prices = Prices.Load();
        var contract = Contract.Compile(job.Contract.SchemaJson, job.Contract.SchemaPath);
        var survey = new RequestSurvey(job, PromptTemplates.Compile(job.Prompt, columns), contract.ApiSchemaJson, prices);
        long aside = 0;
        await foreach (var row in store.FrozenRowsAsync(cancellationToken))
            aside += survey.Add(row) is null ? 0 : 1;
        return (Forecaster.Of(job, survey, prices, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), EscalatedShare), aside);
    }

    private async Task<IReadOnlyList<SupersededRows>> SupersededAsync(Job job, FrozenRows frozen, CancellationToken cancellationToken)
    {
        var receipts = job.Target is { } target ? await Targets.Open(target, time).ReceiptsAsync(cancellationToken) : [];
        return [.. frozen.Standing.Select(standing =>
        {
            var own = receipts.Where(receipt => receipt.RunId == Promotions.RunIdOf(standing.Run)).ToList();
            return new SupersededRows(standing.Run.Name, standing.Rows, standing.Accepted,
                [.. own.Where(receipt => receipt.State != PromotionState.RolledBack).Select(receipt => receipt.PromotionId)],
                [.. own.Where(receipt => receipt.State == PromotionState.RolledBack).Select(receipt => receipt.PromotionId)]);
        })];
    }
}
