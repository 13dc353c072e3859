using Muster.Batches;
using Muster.Results;
using Muster.Verdicts;
using static Muster.Batches.PollSchedule;

namespace Muster.Runs;

/// <summary>Repeats the stages until every row is in a terminal state or something says stop.</summary>
internal sealed class Conductor(RunContext context, Pipeline pipeline, CancelRequests cancels)
{
    /// <summary>A pass is made this often even when nothing is known to be due.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly FailureBudgets budgets = new(context);
    private StopReason? stop;
    private bool stopNow;
    private bool canceling;
    private DateTimeOffset submitNotBefore;
    private string? waitingFor;
    private DateTimeOffset callNotBefore;
    private string? callsWaitFor;
    private bool listRefused;
    private Sighting? sighting;
    private string? unlooked;

    public async Task<RunEnd> RunAsync(CancellationToken cancellationToken)
    {
        var startedAt = context.Time.GetTimestamp();
        // Nothing was sent of a source that is still being read: to cancel, the rest of it is not needed.
        if (context.Run.State == RunState.Reading && cancels.IsRequested(context.Run.Name))
            await BeginCancelAsync(cancellationToken);
        else
            await pipeline.RecordAsync(cancellationToken);
        await pipeline.RecoverAsync(cancellationToken);
        canceling = (await RunNowAsync(cancellationToken)).State == RunState.Canceling;
        // A run that was held for them sends nothing more before a person says so.
        await CheckFailureBudgetsAsync(cancellationToken);
        while (true)
        {
            var wait = await PassAsync(cancellationToken);
            var openRows = (await context.Store.LedgerAsync(context.Run.Id, cancellationToken)).Open
                + (context.Run.CarriesGold ? (await context.Store.GoldLedgerAsync(context.Run.Id, cancellationToken))!.Open : 0);
            var open = (await context.Store.BatchesAsync(context.Run.Id, cancellationToken))
                .Where(batch => !BatchStates.IsOver(batch.State)).ToList();
            var timeIsUp = context.Options.Timeout is { } limit && context.Time.GetElapsedTime(startedAt) >= limit;
            // A canceled run sends no more: its waiting rows are no reason to wait with the look.
            var atEnd = (openRows == 0 || canceling) && open.Count == 0;
            var unbooked = await BookDuplicatesAsync(atEnd, cancellationToken);
            // At the end the pass has nothing else to wait for, and says so with no wait at all.
            if (unbooked > 0)
                wait = Least(atEnd ? LongestWait : wait, context.Options.PollInterval ?? context.Options.LongestSleep);
            if (Conduct.Decide(new Seen(openRows, open.Count, open.Count(IsGivenUp), unbooked, stop, stopNow, canceling, timeIsUp)) is { } outcome)
                return await EndAsync(outcome, cancellationToken);
            await SleepAsync(wait, cancellationToken);
        }
    }

    /// <summary>A create of unknown outcome is not waited for while the list that would tell is refused.</summary>
    private bool IsGivenUp(Batch batch) => pipeline.HasGivenUp(batch) || (listRefused && batch.State == BatchState.Unknown);

    /// <summary>One pass over the stages; returns how long nothing will be due.</summary>
    private async Task<TimeSpan> PassAsync(CancellationToken cancellationToken)
    {
        if (!canceling && cancels.IsRequested(context.Run.Name))
            await BeginCancelAsync(cancellationToken);

        if (canceling)
            await pipeline.CancelAsync(cancellationToken);
        var wait = LongestWait;
        if (stop is null && !canceling && context.SteadyNow >= submitNotBefore)
        {
            switch (await pipeline.SubmitAsync(cancellationToken))
            {
                case Submission.MustPause pause:
                    await StopAsync(RunOutcome.Paused, pause.Why, cancellationToken);
                    break;
                case Submission.MustWait patience:
                    submitNotBefore = context.SteadyNow + patience.For;
                    if (patience.Why is { } why && why != waitingFor)
                        context.Tell(RunEventKind.Waiting, why);
                    waitingFor = patience.Why;
                    break;
                default:
                    waitingFor = null;
                    break;
            }
        }

        wait = Least(wait, await AskLateRowsAsync(cancellationToken));
        var adoption = await pipeline.AdoptAsync(cancellationToken);
        if (adoption.Left)
            wait = Least(wait, context.Options.LongestSleep);
        listRefused |= adoption.Refusal is not null;
        if (adoption.Refusal is { IsAccount: false } refusal)
            await StopAsync(RunOutcome.Paused, refusal.Why, cancellationToken);
        // Where only the list is refused, what is in flight is collected all the same.
        var stopped = adoption.Refusal is { IsAccount: true } account
            ? new StopReason(RunOutcome.Paused, account.Why)
            : await pipeline.PollAsync(cancellationToken);
        if (stopped is { Outcome: RunOutcome.Held } && canceling && await pipeline.WriteOffAsync(cancellationToken))
            stopped = null;
        if (stopped is not null)
            await StopAsync(stopped.Outcome, stopped.Why, cancellationToken);
        if (stopped is { Outcome: RunOutcome.Paused })
        {
            stopNow = true;
            return TimeSpan.Zero;
        }

        switch (await pipeline.CollectAsync(canceling, cancellationToken))
        {
            case Collection.MustPause pause:
                await StopAsync(RunOutcome.Paused, pause.Why, cancellationToken);
                stopNow |= pause.AtOnce;
                break;
            case Collection.MustHold { Outcome: RunOutcome.Held } when canceling && await pipeline.WriteOffAsync(cancellationToken):
                return TimeSpan.Zero;
            case Collection.MustHold hold:
                await StopAsync(hold.Outcome, hold.Why, cancellationToken);
                stopNow |= hold.Outcome == RunOutcome.Unbalanced;
                return TimeSpan.Zero;
        }

        await CheckFailureBudgetsAsync(cancellationToken);
        if (await pipeline.NextPollAsync(cancellationToken) is { } due)
            wait = Least(wait, due - context.SteadyNow);
        if (submitNotBefore > context.SteadyNow)
            return Least(wait, submitNotBefore - context.SteadyNow);
        if (!await MoreToDoAsync(cancellationToken))
            return wait;
        return callNotBefore > context.SteadyNow && await HasOnlyLateRowsAsync(cancellationToken) ? Least(wait, callNotBefore - context.SteadyNow) : TimeSpan.Zero;
    }

    /// <summary>One wave of the synchronous lane; returns how long there is none to make.</summary>
    private async Task<TimeSpan> AskLateRowsAsync(CancellationToken cancellationToken)
    {
        if (stop is not null || canceling)
            return LongestWait;
        if (context.SteadyNow < callNotBefore)
            return callNotBefore - context.SteadyNow;
        var isAlone = await MoreToDoAsync(cancellationToken) && await HasOnlyLateRowsAsync(cancellationToken);
        switch (await pipeline.AskLateRowsAsync(isAlone, cancellationToken))
        {
            case Submission.MustPause pause:
                await StopAsync(RunOutcome.Paused, pause.Why, cancellationToken);
                return LongestWait;
            case Submission.MustWait patience:
                callNotBefore = context.SteadyNow + patience.For;
                if (patience.Why is { } why && why != callsWaitFor)
                    context.Tell(RunEventKind.Waiting, why);
                callsWaitFor = patience.Why;
                return patience.For;
            case Submission.Went { Batches: > 0 }:
                callsWaitFor = null;
                return TimeSpan.Zero;
            default:
                return LongestWait;
        }
    }

    /// <summary>At the end the list is looked through, once if canceled; returns how many duplicates are not booked yet, and one for a look not done.</summary>
    private async Task<int> BookDuplicatesAsync(bool atEnd, CancellationToken cancellationToken)
    {
        var left = 0;
        if (atEnd && sighting is null && unlooked is null)
        {
            switch (await pipeline.AuditAsync(follow: !canceling, cancellationToken))
            {
                case Audit.Done done:
                    sighting = done.Left;
                    if (!canceling && sighting.StrayText(context.Run) is { } strays)
                        await StopNowAsync(RunOutcome.Unbalanced, strays, cancellationToken);
                    break;
                case var audit when canceling:
                    unlooked = $"{(audit as Audit.Refused)?.Why ?? $"{context.Client.BaseUrl} did not give its list"}; "
                        + "duplicates could not be looked for, `muster reconcile` compares the list when it can be read";
                    break;
                case var audit:
                    left = 1;
                    if (audit is Audit.Refused refused)
                        await StopNowAsync(RunOutcome.Paused, refused.Why, cancellationToken);
                    break;
            }
        }

        var booking = await pipeline.BookDuplicatesAsync(cancellationToken);
        if (booking.Account is { } account)
            await StopNowAsync(RunOutcome.Paused, $"{Reasons.Account}: {account}", cancellationToken);
        return booking.Open + left;
    }

    private async Task StopNowAsync(RunOutcome outcome, string why, CancellationToken cancellationToken)
    {
        await StopAsync(outcome, why, cancellationToken);
        stopNow = true;
    }

    /// <summary>True when this pass made work for the next one: a settled wave leaves rows for its tail.</summary>
    private async Task<bool> MoreToDoAsync(CancellationToken cancellationToken)
    {
        if (stop is not null || canceling)
            return false;
        var batches = await context.Store.BatchesAsync(context.Run.Id, cancellationToken);
        return batches.All(batch => BatchStates.IsOver(batch.State));
    }

    /// <summary>True when no row waits for a batch.</summary>
    private async Task<bool> HasOnlyLateRowsAsync(CancellationToken cancellationToken) =>
        (await context.Store.PendingAsync(context.Run.Id, context.RowsOf(Lane.Batch), cancellationToken)).Count == 0;

    private async Task CheckFailureBudgetsAsync(CancellationToken cancellationToken)
    {
        if (stop is null && !canceling && !context.Options.IgnoreFailureBudget && await budgets.WhyExceededAsync(cancellationToken) is { } why)
            await StopAsync(RunOutcome.OverFailureBudget, why, cancellationToken);
    }

    private async Task StopAsync(RunOutcome outcome, string why, CancellationToken cancellationToken)
    {
        // Books that do not balance outrank whatever stopped the run before.
        if (stop is not null && (outcome != RunOutcome.Unbalanced || stop.Outcome == RunOutcome.Unbalanced))
            return;
        stop = new StopReason(outcome, why);
        var state = outcome == RunOutcome.Paused ? RunState.Paused : RunState.Held;
        await context.Store.MoveRunAsync(context.Run.Id, state, why, context.Now, cancellationToken);
        var stands = (await RunNowAsync(cancellationToken)).State;
        var kind = stands != state ? RunEventKind.Trouble : state == RunState.Paused ? RunEventKind.Paused : RunEventKind.Held;
        context.Tell(kind, stands == state ? why : $"{why}; {context.Run.Name} is {RunStates.Word(stands)} still");
    }

    private async Task BeginCancelAsync(CancellationToken cancellationToken)
    {
        canceling = true;
        await context.Store.MoveRunAsync(context.Run.Id, RunState.Canceling, "canceled by its operator", context.Now, cancellationToken);
        context.Tell(RunEventKind.Canceling, "canceling what is in flight; what finished is kept");
    }

    private async Task<RunEnd> EndAsync(RunOutcome outcome, CancellationToken cancellationToken)
    {
        RunState? final = outcome switch
        {
            RunOutcome.Done => RunState.Done,
            RunOutcome.Canceled => RunState.Canceled,
            _ => null,
        };
        if (final is { } state)
        {
            var duplicates = await context.Store.DuplicatesAsync(context.Run.Id, cancellationToken);
            var why = duplicates.Count == 0 ? null : DuplicateBill.Text(duplicates);
            if (!await context.Store.MoveRunAsync(context.Run.Id, state, why, context.Now, cancellationToken))
            {
                outcome = RunOutcome.Unbalanced;
                stop = new StopReason(outcome,
                    $"{Reasons.Accounting}: {context.Run.Name} cannot end as {RunStates.Word(state)} from where the store has it; run `muster reconcile`");
                context.Tell(RunEventKind.Held, stop.Why);
                return await AtEndAsync(outcome, cancellationToken);
            }

            cancels.Clear(context.Run.Name);
            if (LeftToLookAt is { } left)
                context.Tell(RunEventKind.Trouble, left);
            context.Tell(RunEventKind.Finished, state == RunState.Done ? "every row is accounted for" : "canceled");
        }

        return await AtEndAsync(outcome, cancellationToken);
    }

    private async Task<RunEnd> AtEndAsync(RunOutcome outcome, CancellationToken cancellationToken) =>
        new(outcome, await RunNowAsync(cancellationToken), await context.Store.LedgerAsync(context.Run.Id, cancellationToken),
            (outcome is RunOutcome.Done or RunOutcome.Canceled ? LeftToLookAt : null) ?? stop?.Why)
        {
            Duplicates = (await context.Store.DuplicatesAsync(context.Run.Id, cancellationToken)).Count,
        };

    private string? LeftToLookAt => unlooked ?? sighting?.Text(context.Run, canceling ? "`muster reconcile`" : "The next `muster run`");

    private Task<Run> RunNowAsync(CancellationToken cancellationToken) => context.Store.RunAsync(context.Run.Id, cancellationToken);

    // In slices, so that a request to cancel is noticed soon. Task.Delay cuts to whole milliseconds: without one more, the last part
    // of one would be no sleep at all, and the passes would spin through it.
    private Task SleepAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        wait <= TimeSpan.Zero
            ? Task.CompletedTask
            : Task.Delay(Least(wait, context.Options.LongestSleep) + TimeSpan.FromMilliseconds(1), context.Time, cancellationToken);
}
