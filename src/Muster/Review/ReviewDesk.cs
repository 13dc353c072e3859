using Muster.Contracts;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Review;

/// <summary>
/// Where one person reviews one run: hands out rows, takes decisions, and takes them back. Each move is one transaction of the store;
/// between them nothing is held but the lease.
/// </summary>
internal sealed class ReviewDesk
{
    private readonly Run run;
    private readonly StoreTurn turn;
    private readonly TimeProvider time;
    private readonly Contract contract;
    private readonly PromotedKeys promoted;
    private IReadOnlySet<string>? handedOut;

    /// <param name="job">As its file is now: it says where promotions go. The contract is that of the run.</param>
    public ReviewDesk(Job job, Run run, string folder, string reviewer, TimeProvider time)
    {
        this.run = run;
        this.time = time;
        Reviewer = reviewer;
        turn = new StoreTurn(folder, time);
        Definition = JobSnapshot.FromJson(run.Snapshot);
        contract = Contract.Compile(Definition.Contract.SchemaJson, Definition.Contract.SchemaPath);
        var target = job.Target is { } spec && (spec.Kind != TargetKind.Sqlite || File.Exists(spec.Path)) ? Targets.Open(spec, time) : null;
        promoted = new PromotedKeys(target);
    }

    public string Reviewer { get; }

    /// <summary>The job as the run was opened.</summary>
    public Job Definition { get; }

    public Run Run => run;

    /// <summary>Chooses sampled rows and their places: the same for everybody who reviews the run.</summary>
    public ulong Seed => run.Tag.Aggregate(0xcbf29ce484222325UL, (hash, letter) => (hash ^ letter) * 0x100000001b3UL);

    private DateTimeOffset Now => time.GetUtcNow();

    public Task<ReviewFilling> FillAsync(ReviewWants wants, CancellationToken cancellationToken = default) =>
        turn.TakeAsync(store => store.FillReview(run.Id, wants, Now), cancellationToken);

    /// <summary>From now on hands out only what waits of the rows that the selector means, as they are now.</summary>
    /// <returns>How many these are.</returns>
    public async Task<long> RestrictAsync(Selector selector, CancellationToken cancellationToken = default)
    {
        var context = new SelectorContext(Now, await KeyFile.ReadAllAsync([selector], cancellationToken));
        handedOut = await turn.ReadAsync(store => store.WaitingAmongAsync(run, selector, context, cancellationToken));
        return handedOut.Count;
    }

    public bool HandsOut(ReviewItem item) => handedOut?.Contains(item.Id) != false;

    /// <summary>The next row that is free, leased to this reviewer; null when none is.</summary>
    public Task<ReviewCard?> NextAsync(CancellationToken cancellationToken = default) => turn.TakeAsync(
        store => store.TakeReview(run.Id, Reviewer, null, Seed, Now, handedOut) is { } move ? Taken(store, move) : null, cancellationToken);

    /// <summary>The row of a key, leased to this reviewer.</summary>
    /// <exception cref="ReviewException">It is not in the queue, decided, or with another reviewer.</exception>
    public Task<ReviewCard> TakeAsync(string key, CancellationToken cancellationToken = default) => turn.TakeAsync(
        store => store.TakeReview(run.Id, Reviewer, key, Seed, Now) is { } move ? Taken(store, move) : throw NotQueued(store, key), cancellationToken);

    /// <summary>Keeps the lease of a row that is still being looked at. False when it is lost.</summary>
    public async Task<bool> RenewAsync(ReviewItem item, CancellationToken cancellationToken = default) =>
        await turn.TakeAsync(store => store.RenewReview(run.Id, item.Id, Reviewer, item.LeaseNumber, Now), cancellationToken) is ReviewMove.Done;

    /// <summary>Gives a row back undecided.</summary>
    public Task ReleaseAsync(ReviewItem item, CancellationToken cancellationToken = default) =>
        turn.TakeAsync(store => store.ReleaseReview(run.Id, item.Id, Reviewer, item.LeaseNumber, Now), cancellationToken);

    /// <summary>Decides a row that was handed out, under its lease.</summary>
    /// <exception cref="ReviewException">The lease is lost, the contract refuses the output, the row moved or is live; nothing was changed.</exception>
    public Task<RulingOutcome.Made> DecideAsync(ReviewCard card, Verdict verdict, CancellationToken cancellationToken = default) =>
        DecideAsync(card, verdict, card.Item!.LeaseNumber, cancellationToken);

    /// <summary>Decides the row of a key. One that is in nobody's queue is decided at once.</summary>
    /// <param name="lease">The lease it was handed out under; null takes one, unless another reviewer holds the row.</param>
    /// <exception cref="ReviewException">As for a row that was handed out; or the run has no such row.</exception>
    public async Task<RulingOutcome.Made> DecideAsync(string key, Verdict verdict, long? lease, CancellationToken cancellationToken = default)
    {
        var card = await turn.ReadAsync(store => Task.FromResult(store.Card(run.Id, key))) ?? throw Unknown(key);
        if (card is { Item: null, State: RowState.HumanQueued })
        {
            await FillAsync(new ReviewWants(0, 0, Seed), cancellationToken);
            card = await turn.ReadAsync(store => Task.FromResult(store.Card(run.Id, key))) ?? throw Unknown(key);
        }

        return await DecideAsync(card, verdict, lease, cancellationToken);
    }

    /// <summary>The rerun that took the row of a key over, so that what is decided of it here is not promoted; null where it stands.</summary>
    public Task<string?> TakenOverByAsync(string key) =>
        turn.ReadAsync(store => Task.FromResult(store.Card(run.Id, key) is { } card ? store.TakenOverBy(card.RowId) : null));

    /// <summary>The promotion that wrote the row of a key and was rolled back, where none that stands wrote it since; null otherwise.</summary>
    public Task<Receipt?> TakenBackAsync(string key, CancellationToken cancellationToken = default) => promoted.TakenBackAsync(run, key, cancellationToken);

    /// <summary>Takes back a decision by its name, or the last thing that was decided of a key.</summary>
    /// <exception cref="ReviewException">It is live, used or another reviewer's; nothing was changed.</exception>
    public async Task<RulingOutcome.Made> UndoAsync(string name, CancellationToken cancellationToken = default)
    {
        var (card, decision, keys) = await turn.ReadAsync(store => Task.FromResult(Find(store, name)));
        if (await promoted.RefusalAsync(run, keys, cancellationToken) is { } live)
            throw live;
        var outcome = await turn.TakeAsync(store => decision is not null
            ? store.Undo(decision, Reviewer, Now)
            : store.UndoVote(run.Id, card!.Item!.Id, Reviewer, Now), cancellationToken);
        return Made(outcome, $"muster review log {NextName(name)}");
    }

    /// <summary>Decides rows alike, outside the queue.</summary>
    /// <exception cref="ReviewException">One of them refuses it; nothing was changed.</exception>
    public async Task<RulingOutcome.Made> RuleAsync(
        IReadOnlyList<ReviewCard> cards, Verdict verdict, IssueChange? issue = null, CancellationToken cancellationToken = default)
    {
        var rows = Outputs(cards, verdict);
        // Of many rows that are sent back, some may have been sent back too often.
        var decision = Ruling(verdict, rows) with { Issue = issue, SkipsRefused = verdict.Decision == Decision.Rerun && rows.Count > 1 };
        return await CommitAsync(Live(cards, verdict), store => store.Decide(decision), cancellationToken);
    }

    /// <summary>Why <see cref="RuleAsync"/> would refuse the rows; null when it would not. What only store or target know, as how often a row was
    /// sent back, is not asked.</summary>
    public ReviewException? Refusal(IReadOnlyList<ReviewCard> cards, Verdict verdict)
    {
        try
        {
            Outputs(cards, verdict);
            var refused = cards.Select(card => RowRulings.Of(verdict.Decision, new RuledRow(card.Key, card.Line, card.State, card.Reason, 0), null)).OfType<RowRuling.Refused>().ToList();
            return refused.Count > 0 && (verdict.Decision != Decision.Rerun || refused.Count == cards.Count)
                ? Refuse(new RulingOutcome.Refused(refused[0].Why, refused[0].Text, refused.Count - 1), "muster quarantine")
                : null;
        }
        catch (ReviewException refusal)
        {
            return refusal;
        }
    }

    private async Task<RulingOutcome.Made> DecideAsync(ReviewCard card, Verdict verdict, long? lease, CancellationToken cancellationToken)
    {
        if (card.Item is null && !RowRulings.IsRuling(verdict.Decision))
            throw new ReviewException(ReviewRefusal.NothingToUndo, $"{NameOf(card)} is in no queue, so there is nobody to pass it on to.", "Accept, edit, reject or rerun it.");
        if (card.Item is null)
            return await RuleAsync([card], verdict, null, cancellationToken);
        var rows = RowRulings.IsRuling(verdict.Decision) ? Outputs([card], verdict) : [];
        var ruling = rows.Count > 0 ? Ruling(verdict, rows) : null;
        var edited = verdict.Decision == Decision.Edit ? System.Text.Encoding.UTF8.GetString(rows[0].Output.Span) : null;
        var vote = new ReviewVote(card.Item.Id, Reviewer, verdict.Decision, edited,
            verdict.Note is { } note ? [verdict.Reason ?? "", note] : verdict.Reason is { } reason ? [reason] : [], verdict.Seconds, IsBlind: false, Now);
        return await CommitAsync(Live([card], verdict), store => store.Vote(run.Id, vote, lease, ruling), cancellationToken);
    }

    /// <summary>Looks at the target before and after: a promotion that was applied in between wins, and the decision is taken back.</summary>
    private async Task<RulingOutcome.Made> CommitAsync(IReadOnlySet<string> live, Func<SqliteStore, RulingOutcome> commit, CancellationToken cancellationToken)
    {
        if (await promoted.RefusalAsync(run, live, cancellationToken) is { } refusal)
            throw refusal;
        var made = Made(await turn.TakeAsync(commit, cancellationToken), "muster review list");
        if (made.Decision is null || await promoted.RefusalAsync(run, live, cancellationToken) is not { } overtaken)
            return made;
        await turn.TakeAsync(store => store.Undo(store.FindDecision(MadeDecision.NumberOf(made.Decision)!.Value)!, Reviewer, Now), cancellationToken);
        throw overtaken;
    }

    /// <summary>Keys whose staged output the verdict takes away or replaces.</summary>
    private static HashSet<string> Live(IReadOnlyList<ReviewCard> cards, Verdict verdict) => verdict.Decision is Decision.Accept or Decision.Waive || !RowRulings.IsRuling(verdict.Decision)
        ? []
        : cards.Where(card => card is { State: RowState.Succeeded, Key: not null }).Select(card => card.Key!).ToHashSet(StringComparer.Ordinal);

    private RowsDecision Ruling(Verdict verdict, IReadOnlyList<RowDecision> rows) => new(run.Id, verdict.Decision, Reviewer, Now, rows)
    {
        Reason = verdict.Reason is { } reason ? RejectReasons.CodeOf(reason) : null, Note = verdict.Note,
    };

    /// <summary>What is staged for each row, checked against the contract.</summary>
    private List<RowDecision> Outputs(IReadOnlyList<ReviewCard> cards, Verdict verdict)
    {
        if (verdict is { Decision: Decision.Reject, Reason: var reason } && (reason is null || !RejectReasons.IsKnown(reason)))
            throw new ReviewException(ReviewRefusal.RowMoved, $"{Excerpt.Quoted(reason ?? "")} is no reason to reject an answer.", RejectReasons.Question(reason ?? ""));
        var rows = new List<RowDecision>(cards.Count);
        ReviewException? first = null;
        var refused = 0;
        foreach (var card in cards)
        {
            try
            {
                rows.Add(new RowDecision(card.RowId, card.Attempt, OutputOf(card, verdict)));
            }
            catch (ReviewException refusal)
            {
                first ??= refusal;
                refused++;
            }
        }

        return first is null ? rows
            : cards.Count == 1 ? throw first
            : throw new ReviewException(first.Why, $"{Amount.Of(refused, "row")} of {Amount.Grouping(cards.Count)} cannot be decided so; the first is {first.Message}", first.Hint);
    }

    private ReadOnlyMemory<byte> OutputOf(ReviewCard card, Verdict verdict)
    {
        var output = verdict switch
        {
            { Decision: Decision.Edit, Edited: { } whole } => EditedOutput.Compacted(whole.Span),
            { Decision: Decision.Edit } => EditedOutput.Set(card.Output.Span, verdict.Settings),
            { Decision: Decision.Accept } when card.State != RowState.Succeeded => card.Output,
            _ => default(ReadOnlyMemory<byte>),
        };
        if (verdict.Decision is not (Decision.Edit or Decision.Accept) || (output.IsEmpty && card.State == RowState.Succeeded))
            return output;
        if (output.IsEmpty)
            throw new ReviewException(ReviewRefusal.NoOutput, $"{NameOf(card)} has no answer that could be accepted.", "Write one with --edit FILE or --set /pointer=value.");
        var found = contract.Check(output.Span);
        return found.IsValid ? output : throw new ReviewException(ReviewRefusal.Contract, $"{NameOf(card)}: {found.Message}",
            verdict.Decision == Decision.Edit ? "Change it so that it satisfies the contract; nothing was staged." : "Edit it, so that it satisfies the contract, instead of accepting it.");
    }

    private ReviewCard Taken(SqliteStore store, ReviewMove move) => move is ReviewMove.Done done
        ? store.CardOf(done.Item.Id)
        : throw Refuse(new RulingOutcome.Refused(((ReviewMove.Refused)move).Why, ((ReviewMove.Refused)move).Text), "muster review list");

    private (ReviewCard? Card, MadeDecision? Decision, IReadOnlySet<string> Keys) Find(SqliteStore store, string name)
    {
        var decision = MadeDecision.NumberOf(name) is { } number ? store.FindDecision(number) : null;
        var card = decision is null ? store.Card(run.Id, name) ?? throw Unknown(name) : null;
        decision ??= card!.Decided;
        if (card is not null && decision is { Rows: > 1 })
        {
            throw new ReviewException(ReviewRefusal.NothingToUndo, $"{NameOf(card)} was decided together with others as {decision.Name}, {Amount.Of(decision.Rows, "row")} in all.",
                $"muster review undo {decision.Name} takes back all of it.");
        }

        if (decision is null && card!.Item is null)
            throw new ReviewException(ReviewRefusal.NothingToUndo, $"Nothing was decided of {NameOf(card)}.", $"muster review log {NextName(name)}");
        if (decision is not null && decision.RunId != run.Id)
            throw new ReviewException(ReviewRefusal.NothingToUndo, $"{decision.Name} is not of {run.Name}.", "Name its run with --run; `muster review log` lists decisions.");
        return (card, decision, decision is null ? new HashSet<string>() : store.RestagedKeys(decision.Id).ToHashSet(StringComparer.Ordinal));
    }

    private ReviewException NotQueued(SqliteStore store, string key) => store.Card(run.Id, key) is { } card
        ? new ReviewException(ReviewRefusal.RowMoved, $"{NameOf(card)} is {RowStates.Word(card.State)} and in no queue.", "muster review list names what waits; `muster review decide` decides any row.")
        : Unknown(key);

    private ReviewException Unknown(string key) =>
        new(ReviewRefusal.RowMoved, $"{run.Name} has no row {Excerpt.Quoted(key)}.", "Give a key as the source has it; `muster review list` names those that wait.");

    private string NameOf(ReviewCard card) => card.Key is { } key && !Definition.Source.Key.Sensitive ? Excerpt.Of(key) : card.Line;

    private static string NextName(string name) => name.All(c => char.IsLetterOrDigit(c) || "-_.:".Contains(c, StringComparison.Ordinal)) ? name : "";

    private RulingOutcome.Made Made(RulingOutcome outcome, string next) => outcome switch
    {
        RulingOutcome.Made made => made,
        RulingOutcome.Refused refused => throw Refuse(refused, next),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private ReviewException Refuse(RulingOutcome.Refused refused, string next) => new(refused.Why,
        refused.More > 0 ? $"{refused.Text} So do {Amount.Of(refused.More, "further row")}; nothing was changed." : refused.Text,
        refused.Why switch
        {
            ReviewRefusal.HeldByOther => "Take another one with `muster review next`, or wait until the lease is over.",
            ReviewRefusal.LeaseLost => "Your decision was not recorded. Take the row again, if it is still free: `muster review next`.",
            ReviewRefusal.AlreadyDecided => "Look at it with `muster review log KEY`; take it back with `muster review undo KEY`.",
            ReviewRefusal.NotAskable => "Correct the source or the job and run again, or waive the row: `muster quarantine waive KEY --reason TEXT`.",
            ReviewRefusal.TooManyReruns => "Edit it, reject it, or change the job: asking again costs and changes nothing.",
            ReviewRefusal.RunOver => "Accept, edit, reject or waive the row, or ask it as a run of its own: `muster rerun --select state:quarantined --plan`.",
            _ => next,
        });
}
