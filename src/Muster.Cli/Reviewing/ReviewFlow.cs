using Muster.Cli.Output;
using Muster.Review;
using Muster.Stores;

namespace Muster.Cli.Reviewing;

/// <summary>The review by keys: a row, a key, the next row. What a key cannot do is said in a line, and the row stays.</summary>
internal sealed class ReviewFlow(Terminal terminal, ReviewDesk desk, ConsoleKeys keys)
{
    private const string EnterScreen = "\u001b[?1049h", LeaveScreen = "\u001b[?1049l", Clear = "\u001b[H\u001b[2J";
    private const char CtrlC = '\u0003', Escape = '\u001b';

    /// <summary>Often enough that a lease of ten minutes never ends under somebody who is reading.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMinutes(3);

    private readonly SortedDictionary<Decision, int> done = [];
    private readonly Stack<(string Name, Decision Decision)> undoable = new();
    private ReviewCard? card;
    private string? said;
    private int from;
    private long began;

    /// <returns>How often what was decided, without what was taken back.</returns>
    public async Task<IReadOnlyDictionary<Decision, int>> RunAsync(CancellationToken cancellationToken)
    {
        var takesCtrlC = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true;
        terminal.RawTalk.Write(EnterScreen);
        try
        {
            await TakeAsync(cancellationToken);
            while (true)
            {
                Draw();
                if (!await ObeyAsync(await KeyAsync(cancellationToken), cancellationToken))
                    break;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end while a decision waited for the store: the row is given back as at any other moment.
        }
        finally
        {
            terminal.RawTalk.Write(LeaveScreen);
            Console.TreatControlCAsInput = takesCtrlC;
            if (card is not null)
                await TryAsync(() => desk.ReleaseAsync(card.Item!, CancellationToken.None));
        }

        return done;
    }

    private async Task<bool> ObeyAsync(char pressed, CancellationToken cancellationToken)
    {
        said = null;
        switch (pressed)
        {
            case 'q' or CtrlC:
                return false;
            case 'z':
                await UndoAsync(cancellationToken);
                break;
            case 'j' or ' ' when card is not null:
                from = Math.Min(from + 5, Math.Max(0, ReviewScreen.Depth(card, desk, Width) - 3));
                break;
            case 'k':
                from = Math.Max(0, from - 5);
                break;
            case 'a' when card is not null:
                await DecideAsync(new Verdict(Decision.Accept), cancellationToken);
                break;
            case 'e' when card is not null:
                await EditAsync(cancellationToken);
                break;
            case 'r' when card is not null:
                await RejectAsync(cancellationToken);
                break;
            case 'R' when card is not null:
                await DecideAsync(new Verdict(Decision.Rerun), cancellationToken);
                break;
            case 'u' when card is not null:
                await DecideAsync(new Verdict(Decision.Unsure), cancellationToken);
                break;
            default:
                said = card is null ? "Nothing waits for you: z takes back, q quits." : "a e r R u decide; z takes back; q quits and gives the row back.";
                break;
        }

        return true;
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        from = 0;
        card = null;
        await TryAsync(async () => card = await desk.NextAsync(cancellationToken));
        began = terminal.Time.GetTimestamp();
    }

    private async Task DecideAsync(Verdict verdict, CancellationToken cancellationToken)
    {
        var (of, seconds) = (card!, terminal.Time.GetElapsedTime(began).TotalSeconds);
        var name = of.Key ?? of.Line;
        RulingOutcome.Made? made = null;
        var lost = await TryAsync(async () => made = await desk.DecideAsync(of, verdict with { Seconds = seconds }, cancellationToken));
        if (made is null)
        {
            // Whose row it is now is not ours to say; the refusal stays to be read.
            if (lost is ReviewRefusal.LeaseLost or ReviewRefusal.AlreadyDecided or ReviewRefusal.RowMoved)
                await NextKeepingWordsAsync(cancellationToken);
            return;
        }

        done[verdict.Decision] = done.GetValueOrDefault(verdict.Decision) + 1;
        undoable.Push((made.Decision ?? name, verdict.Decision));
        said = $"{name} {ReviewText.Past(verdict.Decision)}{(made.Decision is { } decision ? $" ({decision})" : "")}; z takes it back.";
        await NextKeepingWordsAsync(cancellationToken);
    }

    private async Task NextKeepingWordsAsync(CancellationToken cancellationToken)
    {
        var words = said;
        await TakeAsync(cancellationToken);
        said = said is { } more && more != words ? $"{words} {more}" : words;
    }

    private async Task RejectAsync(CancellationToken cancellationToken)
    {
        said = $"Why? {string.Join("   ", RejectReasons.All.Select((reason, i) => $"{i + 1} {reason.Meaning}"))}   Esc not at all";
        Draw();
        var pressed = await KeyAsync(cancellationToken);
        said = null;
        var choice = pressed - '1';
        if (choice >= 0 && choice < RejectReasons.All.Count)
            await DecideAsync(new Verdict(Decision.Reject) { Reason = RejectReasons.All[choice].Word }, cancellationToken);
        else
            said = pressed == Escape ? "Not rejected." : "Not rejected: a reason is one of the numbers.";
    }

    private async Task EditAsync(CancellationToken cancellationToken)
    {
        var text = EditedOutput.ForEditing(card!.Output.Span);
        while (true)
        {
            terminal.RawTalk.Write(LeaveScreen);
            Console.TreatControlCAsInput = false;
            var edited = await TextEditor.EditAsync(text, terminal.Time, Heartbeat, RenewAsync);
            Console.TreatControlCAsInput = true;
            terminal.RawTalk.Write(EnterScreen);
            if (edited is null)
            {
                said = $"{TextEditor.Name} did not end well; nothing was changed. Set EDITOR to yours.";
                return;
            }

            var before = card;
            await DecideAsync(new Verdict(Decision.Edit) { Edited = edited }, cancellationToken);
            if (!ReferenceEquals(before, card) || said is null)
                return;
            said += " e edits on, any other key leaves it.";
            Draw();
            if (await KeyAsync(cancellationToken) != 'e')
            {
                said = "Not edited.";
                return;
            }

            text = System.Text.Encoding.UTF8.GetString(edited).TrimEnd('\n');
        }
    }

    private async Task UndoAsync(CancellationToken cancellationToken)
    {
        if (!undoable.TryPop(out var last))
        {
            said = "Nothing was decided here yet; `muster review undo KEY` takes back what was decided before.";
            return;
        }

        RulingOutcome.Made? made = null;
        var refused = await TryAsync(async () => made = await desk.UndoAsync(last.Name, cancellationToken));
        if (made is null)
        {
            // Where only the store was held, the same key tries the same again.
            if (refused is null)
                undoable.Push(last);
            return;
        }

        done[last.Decision]--;
        if (done[last.Decision] == 0)
            done.Remove(last.Decision);
        if (card is not null)
            await TryAsync(() => desk.ReleaseAsync(card.Item!, cancellationToken));
        said = $"{last.Name} is taken back.";
        // The row that was taken back is shown again.
        card = null;
        if (made.Item is { } item)
            await TryAsync(async () => card = await desk.TakeAsync(item.RowKey, cancellationToken));
        if (card is null)
            await NextKeepingWordsAsync(cancellationToken);
        from = 0;
        began = terminal.Time.GetTimestamp();
    }

    private async Task RenewAsync()
    {
        if (card is { Item: { } item } && !await desk.RenewAsync(item))
            said = "The lease of this row is over: a decision now is refused unless it is still free.";
    }

    /// <summary>What is refused is said in the line above the keys.</summary>
    private async Task<ReviewRefusal?> TryAsync(Func<Task> move)
    {
        try
        {
            await move();
            return null;
        }
        catch (ReviewException refusal)
        {
            said = $"{refusal.Message} {refusal.Hint}";
            return refusal.Why;
        }
        catch (StoreHeldException held)
        {
            said = $"{held.Message} Nothing was changed; press the key again when it is done.";
            return null;
        }
    }

    /// <summary>A polite kill is answered as Ctrl-C is: the row is given back.</summary>
    private async Task<char> KeyAsync(CancellationToken cancellationToken) =>
        (await keys.NextAsync(Heartbeat, async () => await TryAsync(RenewAsync), cancellationToken))?.KeyChar ?? CtrlC;

    private int Width => Math.Max(40, terminal.TalkWidth);

    private void Draw()
    {
        var height = Math.Max(12, Console.WindowHeight);
        var count = $"{desk.Run.Name} {desk.Definition.Name}   {desk.Reviewer}: {Figures.Count(done.Values.Sum())} decided";
        var lines = card is null
            ? [count, "", "Nothing waits for you.", "", said ?? "", "z undo   q quit"]
            : ReviewScreen.Lines(card, desk, count, said, from, Width, height);
        terminal.RawTalk.Write(Clear + string.Join("\r\n", lines));
        terminal.RawTalk.Flush();
    }
}
