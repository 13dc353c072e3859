using Muster.Runs;
using Muster.Selections;
using Muster.Stores;

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
internal sealed record ChosenRows(IReadOnlyList<ReviewCard> Rows, Issue? Issue, string Hash, long OfQuarantine);

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

    /// <summary>The quarantined rows of one issue (<c>Q-1</c>), of a reason (<c>reason:SHP.*</c>), or of keys.</summary>
    /// <exception cref="ReviewException">Nothing is named, nothing matches, or too much does.</exception>
    public async Task<ChosenRows> FreezeAsync(CountedIssues counted, IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var isIssue = names.Count == 1 && IsIssue(names[0]);
        var issue = isIssue ? Find(counted, names[0]) : null;
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var patterns = names.Where(IsPattern).Select(name => name["reason:".Length..]).ToList();
        var rows = new List<ReviewCard>();
        var left = wanted.Where(name => !IsPattern(name)).ToHashSet(StringComparer.Ordinal);
        await turn.ReadAsync(async store =>
        {
            await foreach (var row in store.EvidenceAsync(Run.Id, cancellationToken))
            {
                if (row.IsTakenOver)
                {
                    if (!isIssue && (left.Contains(row.Key ?? "") || left.Contains(row.Line)))
                        throw TakenOver(row, store.TakenOverBy(row.RowId));
                    continue;
                }

                var named = !isIssue && ((row.Key is { } key && left.Remove(key)) || left.Remove(row.Line));
                if (!named && (row.State != RowState.Quarantined || !(issue is not null ? counted.Groups.FingerprintOf(row) == issue.Fingerprint : patterns.Exists(pattern => Matches(pattern, row.Reason)))))
                    continue;
                if (rows.Count == MaxRows)
                    throw new ReviewException(ReviewRefusal.RowMoved, $"More than {Amount.Grouping(MaxRows)} rows are named.", "Take one issue at a time, or keys.");
                rows.Add(new ReviewCard(null, row.RowId, row.Key, row.Line, row.State, row.Attempt, 0, row.Reason, row.Message, default, row.Output));
            }

            return 0;
        });
        if (!isIssue && left.Count > 0)
            throw new ReviewException(ReviewRefusal.RowMoved, $"{Run.Name} has no row {Excerpt.Quoted(left.Order(StringComparer.Ordinal).First())} that was set aside.", $"List issues with `muster quarantine {Run.Name}`, rows with `muster quarantine show ISSUE`.");
        if (rows.Count == 0)
            throw new ReviewException(ReviewRefusal.RowMoved, $"{string.Join(" ", names.Select(name => Excerpt.Of(name)))} matches no quarantined row of {Run.Name}.", $"List what there is with `muster quarantine {Run.Name}`.");
        return new ChosenRows(rows, issue, HashOf(rows), counted.Groups.Rows);
    }

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

    /// <summary>A selector of the rows that are named, for a rerun; null where keys stand beside reasons, which no selector joins.</summary>
    public static Selector? SelectorOf(IReadOnlyList<string> names)
    {
        if (names is [var issue] && IsIssue(issue))
            return new Selector([Term(SelectorField.Issue, [new SelectorValue(issue)])]);
        if (names.All(IsPattern))
        {
            return new Selector([Term(SelectorField.State, [new SelectorValue("quarantined")]), Term(SelectorField.Reason, names.Select(name => name["reason:".Length..])
                .Select(pattern => pattern.EndsWith('*') ? new SelectorValue(pattern[..^1], SelectorMatch.Prefix) : new SelectorValue(pattern)))]);
        }

        return names.Any(IsPattern) ? null : new Selector([Term(SelectorField.Key, names.Select(key => new SelectorValue(key)))]);

        static SelectorTerm Term(SelectorField field, IEnumerable<SelectorValue> values) => new(field, null, Negated: false, [.. values]);
    }

    private static bool IsIssue(string name) => name.StartsWith(Fingerprint.Prefix, StringComparison.Ordinal)
        || (name.StartsWith("Q-", StringComparison.OrdinalIgnoreCase) && name.AsSpan(2).IndexOfAnyExceptInRange('0', '9') < 0 && name.Length > 2);

    private static bool IsPattern(string name) => name.StartsWith("reason:", StringComparison.Ordinal);

    private static bool Matches(string pattern, string reason) => pattern.EndsWith('*')
        ? reason.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : reason == pattern || reason.StartsWith(pattern + ".", StringComparison.Ordinal);

    private static string HashOf(IEnumerable<ReviewCard> rows)
    {
        using var hash = new SelectionHash();
        foreach (var name in rows.Select(row => row.Key ?? row.Line).Distinct(StringComparer.Ordinal).OrderBy(name => System.Text.Encoding.UTF8.GetBytes(name), ByteOrder))
            hash.Add(name);
        return hash.Finish();
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
}
