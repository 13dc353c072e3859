using Muster.Batches;
using Muster.Claude;
using Muster.Drift;
using Muster.Evals;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Reports;
using Muster.Review;
using Muster.Stores;
using Muster.Verdicts;

namespace Muster.Runs;

/// <summary>What a run did, for people who were not there. Every sum in it can be checked against the ledger.</summary>
/// <param name="Covered">For each batch the source lines of its first and last row.</param>
/// <param name="Promotions">What was promoted of it, newest first.</param>
/// <param name="TargetTrouble">Why the target could not be asked for its promotions; null when it was, or when there is none.</param>
/// <param name="Next">What to do now.</param>
internal sealed record RunAccount(
    RunReport Report, IReadOnlyDictionary<long, CoveredLines> Covered, IReadOnlyList<ReportedReason> Reasons,
    IReadOnlyList<Receipt> Promotions, string? TargetTrouble, Advice Next)
{
    public Run Run => Report.Run;

    public Ledger Ledger => Report.Ledger;

    public IReadOnlyList<Usage> Usage => Report.Usage;

    public IReadOnlyList<Batch> Batches => Report.Batches;

    public Spend Spend => Report.Spend;

    /// <summary>The run's gold rows, graded; null when it carries none.</summary>
    public EvalResult? Gold { get; init; }

    /// <summary>Promotions that went on although something held them.</summary>
    public IReadOnlyList<PromotionOverride> Overrides { get; init; } = [];

    /// <summary>Share of the rows that ended accepted, 0 to 1.</summary>
    public double Coverage => Ledger.Rows == 0 ? 0 : (double)Ledger.Succeeded / Ledger.Rows;

    /// <summary>The job as the run was opened with.</summary>
    public Job Job => JobSnapshot.FromJson(Run.Snapshot);

    public required TierSavings Savings { get; init; }

    /// <summary>What the run's drift checks said; null when they were not asked.</summary>
    public DriftReport? Drift { get; init; }

    /// <summary>What `muster eval` said of the run's rows or of its version, beside its gold rows; null when it was not asked.</summary>
    public ReportedFacts? Eval { get; init; }

    /// <summary>What people said of rows that had passed, and the defect rate that follows; null before a review.</summary>
    public ReportedFacts? Review { get; init; }

    /// <summary>False when what came from the rows is taken out.</summary>
    public bool HoldsRows { get; init; } = true;

    /// <summary>What a page shows and lines do not; null for lines.</summary>
    public RunPicture? Picture { get; init; }
}

/// <summary>What was found out about a run elsewhere, ready to be shown.</summary>
/// <param name="Sentence">For a person, with its numbers.</param>
internal sealed record ReportedFacts(string Sentence, IReadOnlyList<ReportedFact> Facts);

internal sealed record ReportedFact(string Name, string Value);

/// <param name="Issues">Quarantined rows by what went wrong.</param>
internal sealed record RunPicture(Ladder Ladder, IReadOnlyList<CategoryShift> Categories, IssueList Issues);

/// <param name="Rows">Quarantined rows.</param>
/// <param name="Ungrouped">Of these, rows that found no room in the list.</param>
internal sealed record IssueList(IReadOnlyList<IssueGroup> Groups, long Rows, long Ungrouped)
{
    /// <summary>What people call an issue, by its fingerprint; empty when issues have no names.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();
}

/// <summary>How much of a run is read.</summary>
internal enum AccountScope
{
    /// <summary>For lines, Markdown and JSON.</summary>
    Text,

    /// <summary>With what drawings need, which is counted over every row.</summary>
    Page,
}

/// <summary>Rows that were not accepted, by what became of them and why.</summary>
internal sealed record ReportedReason(RowState State, string Reason, long Rows, IReadOnlyList<ReportedRow> Examples);

/// <param name="Key">Null for a row without a usable key, and for every row when the job calls its keys sensitive.</param>
/// <param name="Line">Where it stands in the source.</param>
/// <param name="Message">What was found, cut.</param>
internal sealed record ReportedRow(string? Key, string Line, string? Message);

/// <param name="Command">What to type; null when nothing is left to do.</param>
internal sealed record Advice(string Why, string? Command);

/// <summary>Reads the account of a run from the store, and from the target what was promoted.</summary>
/// <param name="job">The job file as a command names it, or null when it need not be named.</param>
/// <param name="prices">Null takes those of the environment.</param>
internal sealed class RunAccountReader(IStore store, ITarget? target, string? job, Prices? prices = null)
{
    private const int Examples = 3;
    private const int MaxMessageChars = 120;

    public async Task<RunAccount> ReadAsync(Run run, AccountScope scope = AccountScope.Text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var definition = JobSnapshot.FromJson(run.Snapshot);
        var ladder = await store.LadderAsync(run.Id, cancellationToken);
        var report = await RunReport.ReadAsync(store, run, ReportScope.Full, cancellationToken);
        var (receipts, trouble) = await PromotionsAsync(run, cancellationToken);
        return new RunAccount(report, await store.CoveredLinesAsync(run.Id, cancellationToken), await ReasonsAsync(report, cancellationToken),
            receipts, trouble, Next(run, report.Ledger, receipts))
        {
            Gold = run.State == RunState.Done ? await new EvalReader(store, TimeProvider.System).GoldAsync(run, cancellationToken) : null,
            Overrides = await store.OverridesAsync(run.Id, cancellationToken),
            Savings = TierSavings.Of(definition, ladder, prices ?? Prices.Load(), DateOnly.FromDateTime(run.OpenedAt.UtcDateTime)),
            Picture = scope == AccountScope.Page ? await PictureAsync(run, definition, ladder, cancellationToken) : null,
        };
    }

    private async Task<RunPicture> PictureAsync(Run run, Job definition, Ladder ladder, CancellationToken cancellationToken)
    {
        var issues = new IssueGrouper(definition);
        await foreach (var row in store.EvidenceAsync(run.Id, cancellationToken))
        {
            if (!row.IsTakenOver)
                issues.Add(row);
        }

        return new RunPicture(ladder, await new CategoryReader(store).ReadAsync(run, definition, cancellationToken),
            new IssueList(issues.Issues, issues.Rows, issues.Ungrouped));
    }

    private async Task<(IReadOnlyList<Receipt> Receipts, string? Trouble)> PromotionsAsync(Run run, CancellationToken cancellationToken)
    {
        if (target is null)
            return ([], null);
        try
        {
            var all = await target.ReceiptsAsync(cancellationToken);
            return ([.. all.Where(receipt => receipt.RunId == Promotions.RunIdOf(run))], null);
        }
        catch (TargetException refusal)
        {
            return ([], refusal.Message);
        }
    }

    private async Task<IReadOnlyList<ReportedReason>> ReasonsAsync(RunReport report, CancellationToken cancellationToken)
    {
        var hidesKeys = JobSnapshot.FromJson(report.Run.Snapshot).Source.Key.Sensitive;
        var counts = report.Reasons;
        var examples = counts.ToDictionary(count => (count.State, count.Reason), _ => new List<ReportedRow>());
        var missing = counts.Sum(count => Math.Min(count.Rows, Examples));
        if (missing > 0)
        {
            await foreach (var row in store.EvidenceAsync(report.Run.Id, cancellationToken))
            {
                if (!examples.TryGetValue((row.State, row.Reason), out var list) || list.Count == Examples)
                    continue;
                list.Add(new ReportedRow(hidesKeys ? null : row.Key, row.Line, row.Message is { } message ? Cut(message) : null));
                if (--missing == 0)
                    break;
            }
        }

        return [.. counts.Select(count => new ReportedReason(count.State, count.Reason, count.Rows, examples[(count.State, count.Reason)]))];
    }

    private Advice Next(Run run, Ledger ledger, IReadOnlyList<Receipt> receipts) => run.State switch
    {
        RunState.Done or RunState.Canceled when run.IsOverPickedRows() =>
            new Advice($"{run.Name} asked {(run.Kind is RunKinds.Eval or RunKinds.Judge ? "for an eval" : "picked rows")}; nothing of it is promoted.", Command(RunKinds.Verb(run.Kind))),
        RunState.Held => new Advice($"{run.Name} is held: {run.Why}", Command("reconcile")),
        RunState.Paused => new Advice($"{run.Name} is paused: {run.Why}", Command(RunKinds.Verb(run.Kind))),
        RunState.Reading or RunState.Running => new Advice($"{ledger.Open} of {Amount.Of(ledger.Rows, "row")} open.", Command(RunKinds.Verb(run.Kind))),
        RunState.Canceling => new Advice("What was in flight is still to be collected.", Command(RunKinds.Verb(run.Kind))),
        RunState.Done when run.Why is { } why && receipts.Count == 0 => new Advice($"Keep these ids for a claim: {why}.", ledger.Succeeded > 0 && target is not null ? Command("promote") : null),
        _ when receipts.FirstOrDefault(receipt => receipt.State == PromotionState.Live) is { } live =>
            new Advice($"{Amount.Of(live.Counts.Written, "row")} promoted as {live.PromotionId}; it can be taken back.", $"muster rollback {live.PromotionId}{(job is null ? "" : $" --job {job}")} --dry-run"),
        RunState.Done when target is not null && ledger.Succeeded > 0 => new Advice($"In staging: {Amount.Of(ledger.Succeeded, "accepted output")}.", Command("promote") + (run.IsRerun() ? $" --run {run.Name}" : "")),
        RunState.Canceled => new Advice("The run was canceled; what finished is kept.", Command("promote") + " --partial"),
        _ => new Advice("Every row is accounted for.", null),
    };

    private string Command(string verb) => job is null ? $"muster {verb}" : $"muster {verb} {job}";

    private static string Cut(string message) => message.Length <= MaxMessageChars ? message : message[..MaxMessageChars] + "…";
}
