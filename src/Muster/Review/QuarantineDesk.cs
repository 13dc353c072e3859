using Muster.Runs;
using Muster.Selections;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Review;

/// <summary>A run's quarantine by issue, with the number that each issue has for life.</summary>
/// <param name="Known">By fingerprint; one that could not be numbered yet is missing.</param>
/// <param name="Alerts">Resolved or muted issues that are back.</param>
/// <param name="WaivedRows">Of each issue, rows that stay without an answer, knowingly.</param>
internal sealed record CountedIssues(IssueGrouper Groups, IReadOnlyDictionary<string, Issue> Known, IReadOnlyList<Issue> Alerts, IReadOnlyDictionary<string, long> WaivedRows)
{
    public string NameOf(IssueGroup group) => Known.TryGetValue(group.Fingerprint, out var issue) ? issue.Id : group.Fingerprint;
}

/// <summary>Rows to act on, chosen before anything is done: what is shown is what is done.</summary>
/// <param name="Issue">When they are the rows of one issue.</param>
/// <param name="Hash">Of their sorted names; the same rows hash alike.</param>
/// <param name="OfQuarantine">Rows of the run in quarantine.</param>
internal sealed record ChosenRows(IReadOnlyList<ReviewCard> Rows, Issue? Issue, string Hash, long OfQuarantine)
{
    /// <summary>True when what they have in common named them, so that they may be more than was thought of.</summary>
    public bool IsBySelector { get; init; }
}

/// <param name="Context">What the selector's words refer to, read once.</param>
internal sealed record QuarantineSelection(Selector Selector, SelectorContext Context);

/// <summary>Acts on quarantined rows that have the same cause: one line, one action, one transaction.</summary>
internal sealed class QuarantineDesk(ReviewDesk desk, string folder, TimeProvider time)
{
    /// <summary>More rows in one action are refused: their answers are held in memory.</summary>
    public const int MaxRows = 100_000;

    private readonly StoreTurn turn = new(folder, time);

    private Run Run => desk.Run;

    /// <summary>Counts the issues and gives new ones their number; beside a process that holds the store, only what is known is told.</summary>
    public async Task<CountedIssues> CountAsync(CancellationToken cancellationToken = default)
    {
        var (groups, waived, elsewhere) = await turn.ReadAsync(async store =>
        {
            var grouper = new IssueGrouper(desk.Definition);
            var waivedRows = store.WaivedRows(Run.Id);
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            var (unanswered, unresolved) = (store.UnansweredElsewhere(Run.Id), new HashSet<string>(StringComparer.Ordinal));
            await foreach (var row in store.EvidenceAsync(Run.Id, cancellationToken))
            {
                if (row.IsTakenOver)
                {
                    if (row.State == RowState.Quarantined && unanswered.Contains(row.RowId))
                        unresolved.Add(grouper.FingerprintOf(row));
                    continue;
                }

                grouper.Add(row);
                if (row.State == RowState.Quarantined && waivedRows.Contains(row.RowId) && grouper.FingerprintOf(row) is var fingerprint)
                    counts[fingerprint] = counts.GetValueOrDefault(fingerprint) + 1;
            }

            return (grouper, counts, unresolved);
        });
        IReadOnlyList<Issue> alerts = [];
        try
        {
            alerts = await turn.TakeAsync(store => store.CountIssues(Run, groups.Issues, groups.Contract, time.GetUtcNow(), elsewhere), cancellationToken);
        }
        catch (StoreException)
        {
            // Numbers wait for a moment in which nobody else writes; the list itself needs none.
        }

        var known = await turn.ReadAsync(store => Task.FromResult(store.Issues(Run.Job)));
        return new CountedIssues(groups, known.ToDictionary(issue => issue.Fingerprint, StringComparer.Ordinal), alerts, waived);
    }

    /// <summary>The issue of a number, or of a fingerprint or its beginning.</summary>
    /// <exception cref="ReviewException">The run has none, or several.</exception>
    public Issue Find(CountedIssues counted, string name)
    {
        var issue = counted.Known.Values.FirstOrDefault(known => string.Equals(known.Id, name, StringComparison.OrdinalIgnoreCase));
        if (issue is not null)
            return issue;
        var found = counted.Known.Values.Where(known => Fingerprint.IsNamed(known.Fingerprint, name)).ToList();
        return found.Count == 1 ? found[0] : throw new ReviewException(ReviewRefusal.RowMoved,
            $"{Run.Job} has {(found.Count == 0 ? "no issue" : $"{found.Count} issues that begin with")} {Excerpt.Quoted(name)}.", $"List them with `muster quarantine {Run.Name}`.");
    }

    /// <summary>The rows that are named (see <see cref="RowNames"/>): of issues and selectors those in quarantine, of keys any that was set aside.</summary>
    /// <exception cref="ReviewException">Nothing is named, nothing matches, or too much does.</exception>
    public async Task<ChosenRows> FreezeAsync(CountedIssues counted, IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var named = RowNames.Parse(names);
        var issue = named.Issue is { } name ? Find(counted, name) : null;
        var context = await ContextAsync(named.Selectors, cancellationToken);
        var rows = new List<ReviewCard>();
        var left = named.Keys.ToHashSet(StringComparer.Ordinal);
        await turn.ReadAsync(async store =>
        {
            var meant = await MeantAsync(store, named.Selectors, context, cancellationToken);
            await foreach (var row in store.EvidenceAsync(Run.Id, cancellationToken))
            {
                if (row.IsTakenOver)
                {
                    if (left.Contains(row.Key ?? "") || left.Contains(row.Line))
                        throw TakenOver(row, store.TakenOverBy(row.RowId));
                    continue;
                }

                var isNamed = (row.Key is { } key && left.Remove(key)) || left.Remove(row.Line);
                if (!isNamed && (row.State != RowState.Quarantined || !(issue is not null ? counted.Groups.FingerprintOf(row) == issue.Fingerprint : meant.Contains(row.RowId))))
                    continue;
                if (rows.Count == MaxRows)
                    throw TooMany();
                rows.Add(new ReviewCard(null, row.RowId, row.Key, row.Line, row.State, row.Attempt, 0, row.Reason, row.Message, default, row.Output));
            }

            if (left.Count == 0 && rows.Count == 0)
                throw await NothingAsync(store, names, named.Selectors, context, cancellationToken);
            return 0;
        });
        if (left.Count > 0)
            throw Unknown(left.Order(StringComparer.Ordinal).First());
        return new ChosenRows(rows, issue, HashOf(rows), counted.Groups.Rows) { IsBySelector = named.Selectors.Count > 0 };
    }

    /// <summary>One selector of the quarantined rows that are named, for what only shows them and holds none.</summary>
    /// <exception cref="ReviewException">Nothing is named, nothing matches, or keys stand beside reasons.</exception>
    public async Task<QuarantineSelection> SelectAsync(CountedIssues counted, IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var named = RowNames.Parse(names);
        if (named.Issue is { } name)
            named = named with { Issue = Find(counted, name).Fingerprint };
        if (named.ToSelector() is not { } selector)
            throw new ReviewException(ReviewRefusal.RowMoved, "Keys and reasons are named together, which no selector joins.", "Name keys, or reasons.");
        var context = await ContextAsync([selector], cancellationToken);
        await turn.ReadAsync(async store => await store.QuarantinedAsync(Run, selector, context, cancellationToken).AnyAsync(cancellationToken)
            ? 0
            : throw await NothingAsync(store, names, named.Selectors, context, cancellationToken));
        return new QuarantineSelection(selector, context);
    }

    private async Task<SelectorContext> ContextAsync(IReadOnlyList<Selector> selectors, CancellationToken cancellationToken) =>
        new(time.GetUtcNow(), await KeyFile.ReadAllAsync(selectors, cancellationToken));

    private async Task<HashSet<long>> MeantAsync(SqliteStore store, IReadOnlyList<Selector> selectors, SelectorContext context, CancellationToken cancellationToken)
    {
        var meant = new HashSet<long>();
        foreach (var selector in selectors)
        {
            await foreach (var row in store.SelectAsync(new RunFamily(Run, []), selector.InQuarantine(), context, cancellationToken))
            {
                if (meant.Add(row.RowId) && meant.Count > MaxRows)
                    throw TooMany();
            }
        }

        return meant;
    }

    private static ReviewException TooMany() =>
        new(ReviewRefusal.RowMoved, $"More than {Amount.Grouping(MaxRows)} rows are named.", "Take one issue at a time, or keys.");

    /// <summary>Of a selector the first term that means nothing by itself is named.</summary>
    private async Task<ReviewException> NothingAsync(
        SqliteStore store, IReadOnlyList<string> names, IReadOnlyList<Selector> selectors, SelectorContext context, CancellationToken cancellationToken)
    {
        var why = "";
        if (selectors is [{ Terms: { Count: > 1 } terms }])
        {
            why = ", though each of its terms alone matches some";
            foreach (var alone in terms.Select(term => new Selector([term])))
            {
                if (await store.SelectAsync(new RunFamily(Run, []), alone.InQuarantine(), context, cancellationToken).AnyAsync(cancellationToken))
                    continue;
                why = $": none is `{alone}`";
                break;
            }
        }

        return new ReviewException(ReviewRefusal.RowMoved, $"{string.Join(" ", names.Select(name => $"`{Excerpt.Of(name)}`"))} matches no quarantined row of {Run.Name}{why}.",
            $"List what there is with `muster quarantine {Run.Name}`.");
    }

    private ReviewException Unknown(string name) => new(ReviewRefusal.RowMoved, $"{Run.Name} has no row {Excerpt.Quoted(name)} that was set aside.",
        $"List issues with `muster quarantine {Run.Name}`, rows with `muster quarantine show ISSUE`{(name.Contains(':', StringComparison.Ordinal) ? "; docs/selectors.md has the fields of a selector" : "")}.");

    private ReviewException TakenOver(EvidenceRow row, string? rerun)
    {
        var name = Excerpt.Quoted(desk.Definition.Source.Key.Sensitive ? row.Line : row.Key ?? row.Line);
        return rerun is not null
            ? new ReviewException(ReviewRefusal.RowMoved, $"{rerun} asked {name} of {Run.Name} again, and its answer is the one that stands.", $"Act on it there, with `--run {rerun}`.")
            : new ReviewException(ReviewRefusal.RowMoved, $"{name} of {Run.Name} was canceled without an answer: it stands as it was before.", "Act on it in the run before; `muster status` lists the runs.");
    }

    /// <summary>Does it. The issue moves along: sent back or edited it is being fixed, waived it is accepted.</summary>
    public Task<RulingOutcome.Made> ActAsync(ChosenRows frozen, Verdict verdict, CancellationToken cancellationToken = default) =>
        desk.RuleAsync(frozen.Rows, verdict, frozen.Issue is not { } issue ? null : new IssueChange(issue.Fingerprint, (now, decision) => verdict.Decision == Decision.Waive
            ? IssueActions.Accept(now, decision, desk.Reviewer, verdict.Note)
            : IssueActions.Fix(now, decision, desk.Reviewer)), cancellationToken);

    /// <exception cref="ReviewException">The issue's state does not allow it.</exception>
    public async Task<Issue> MoveAsync(Issue issue, Func<Issue, IssueMove> rule, CancellationToken cancellationToken = default) =>
        await turn.TakeAsync(store => store.MoveIssue(Run.Job, issue.Fingerprint, rule), cancellationToken) switch
        {
            IssueMove.Moved moved => moved.Issue,
            IssueMove.Refused refused => throw new ReviewException(ReviewRefusal.IssueMoved, refused.Why, "muster quarantine"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private static string HashOf(IEnumerable<ReviewCard> rows)
    {
        using var hash = new SelectionHash();
        foreach (var name in rows.Select(row => row.Key ?? row.Line).Distinct(StringComparer.Ordinal).OrderBy(name => System.Text.Encoding.UTF8.GetBytes(name), ByteOrder))
            hash.Add(name);
        return hash.Finish();
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
}
