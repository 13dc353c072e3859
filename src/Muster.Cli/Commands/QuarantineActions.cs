using System.CommandLine;
using System.Globalization;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Review;
using Muster.Stores;

namespace Muster.Cli.Commands;

/// <summary>What is done with quarantined rows of one cause at once: one line, one action, one transaction.</summary>
internal static class QuarantineActions
{
    public static IEnumerable<Command> All(Terminal terminal) => [Retry(terminal), Edit(terminal), Accept(terminal), Waive(terminal), Triage(terminal), Mute(terminal)];

    private static ExampledCommand Retry(Terminal terminal)
    {
        var form = new Form("Its rows go back and wait for the next `muster run`, which asks and pays again.");
        var asOpened = new Option<bool>("--as-opened") { Description = "Ask as the run was opened although the job file says otherwise by now." };
        var command = new ExampledCommand("retry", "Send the rows of an issue back to be asked again.",
            "muster quarantine retry Q-1 --plan", "muster quarantine retry Q-1", "muster quarantine retry \"reason:API.*\"") { asOpened };
        form.AddTo(command);
        command.SetAction((parsed, cancellationToken) => form.ActAsync(terminal, parsed, desk =>
        {
            var current = JobVersion.Of(form.Where.Load(parsed));
            if (current != desk.Run.JobVersion && !parsed.GetValue(asOpened))
            {
                throw new UsageException($"{desk.Run.Name} was opened with version {desk.Run.JobVersion} of {desk.Run.Job}; the job file is version {current} by now.",
                    $"Ask these rows as the run was opened with --as-opened, or ask them with the changed job, as a run of their own: `muster rerun --run {desk.Run.Name} --select {form.Selector(parsed)} --plan`.");
            }

            return new Verdict(Decision.Rerun);
        }, cancellationToken));
        return command;
    }

    private static ExampledCommand Edit(Terminal terminal)
    {
        var form = new Form("The changed answers are staged; each must satisfy the contract.");
        var set = new Option<string[]>("--set") { Description = "Set this value in each answer, as /pointer=value; may be given several times.", HelpName = "/P=V" };
        var file = new Option<string?>("--edit") { Description = "Stage the output in this file instead; for one row.", HelpName = "FILE" };
        var command = new ExampledCommand("edit", "Stage the rows' answers with values of yours.",
            "muster quarantine edit Q-1 --set /category=Shoes --plan", "muster quarantine edit p-00042 p-00043 --set /category=Shoes", "muster quarantine edit p-00042 --edit corrected.json") { set, file };
        form.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(set) is null == result.GetResult(file) is null)
                result.AddError("An edit is given with --set or with --edit, one of the two.");
        });
        command.SetAction((parsed, cancellationToken) => form.ActAsync(terminal, parsed, _ => parsed.GetValue(file) is { } path
            ? new Verdict(Decision.Edit) { Edited = File.ReadAllBytes(path) }
            : new Verdict(Decision.Edit) { Settings = parsed.GetValue(set) ?? [] }, cancellationToken));
        return command;
    }

    private static ExampledCommand Accept(Terminal terminal)
    {
        var form = new Form("Their answers are staged as they are; each must satisfy the contract.");
        var command = new ExampledCommand("accept", "Stage the rows' answers as they are.", "muster quarantine accept p-00042 p-00043");
        form.AddTo(command);
        command.SetAction((parsed, cancellationToken) => form.ActAsync(terminal, parsed, _ => new Verdict(Decision.Accept), cancellationToken));
        return command;
    }

    private static ExampledCommand Waive(Terminal terminal)
    {
        var form = new Form("They stay in quarantine, known and accepted.");
        var reason = new Option<string>("--reason") { Description = "Why, in your own words; it is kept with the decision.", HelpName = "TEXT", Required = true };
        var command = new ExampledCommand("waive", "Leave rows without an answer, knowingly.",
            "muster quarantine waive Q-2 --reason \"test products\"", "muster quarantine waive \"reason:GEN.* batch:b-3\" --reason \"no text\" --plan", "muster quarantine waive p-00042 --reason \"no description\"") { reason };
        form.AddTo(command);
        reason.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Trim().Length == 0))
                result.AddError("--reason says nothing.");
        });
        command.SetAction((parsed, cancellationToken) => form.ActAsync(terminal, parsed, _ => new Verdict(Decision.Waive) { Note = parsed.GetValue(reason) }, cancellationToken));
        return command;
    }

    private static ExampledCommand Triage(Terminal terminal)
    {
        var owner = new Option<string?>("--owner") { Description = "Who looks after it. Default: your user name.", HelpName = "NAME" };
        var note = new Option<string?>("--note") { Description = "What is known of it.", HelpName = "TEXT" };
        return Moving(terminal, "triage", "Say who looks after an issue; ends its being fixed, accepted or muted.", "muster quarantine triage Q-1 --owner ada --note \"new label\"", [owner, note],
            (parsed, desk, issue) => IssueMoves.Triage(issue, parsed.GetValue(owner) ?? desk.Reviewer, parsed.GetValue(note)));
    }

    private static ExampledCommand Mute(Terminal terminal)
    {
        var until = new Option<DateTimeOffset?>("--until")
        {
            Description = "Until this day, as 2026-12-01.",
            HelpName = "DATE",
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day))
                    result.AddError($"--until is {Excerpt.Quoted(text)}; a day is written as 2026-12-01.");
                else if (day <= terminal.Time.GetUtcNow())
                    result.AddError($"--until is {Excerpt.Quoted(text)}, which is over; a mute ends on a day to come.");
                else
                    return day;
                return null;
            },
        };
        var rows = new Option<long?>("--rows") { Description = "Until it has more rows than this in all.", HelpName = "N" };
        Shared.Bound(rows, 0L, long.MaxValue, "--rows is a whole number, 0 or more.");
        var contract = new Option<bool>("--next-contract") { Description = "Until the contract changes." };
        return Moving(terminal, "mute", "Do not mark an issue until a day, a number of rows or the next contract.", "muster quarantine mute Q-1 --until 2026-12-01", [until, rows, contract],
            (parsed, desk, issue) => IssueMoves.MuteFor(issue, new MuteUntil(parsed.GetValue(until), parsed.GetValue(rows), parsed.GetValue(contract)), desk.Reviewer));
    }

    private static ExampledCommand Moving(
        Terminal terminal, string name, string description, string example, IReadOnlyList<Option> options, Func<ParseResult, ReviewDesk, Issue, IssueMove> rule)
    {
        var named = new Argument<string>("issue") { Description = "Its number, as Q-1, or its fingerprint." };
        var where = new ReviewWhere();
        var json = Shared.Json();
        var command = new ExampledCommand(name, description, example) { named, json };
        foreach (var option in options)
            command.Options.Add(option);
        where.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            var quarantine = new QuarantineDesk(desk, StoreFolder.Of(where.Load(parsed)), terminal.Time);
            var found = quarantine.Find(await quarantine.CountAsync(cancellationToken), parsed.GetValue(named)!);
            var moved = await quarantine.MoveAsync(found, issue => rule(parsed, desk, issue), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.quarantine/1", new { run = desk.Run.Name, issue = QuarantineText.Form(moved) });
            else
                terminal.Line($"{moved.Id} is {Figures.Words(moved.State)}{(moved.Owner is { Length: > 0 } by ? $", {Figures.Clean(by)}" : "")}.");
            terminal.Next($"muster quarantine {desk.Run.Name}");
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>What the actions have in common: rows that are named, shown, and acted on.</summary>
    private sealed class Form(string consequence)
    {
        private readonly Argument<string[]> names = QuarantineCommand.Rows(ArgumentArity.OneOrMore);
        private readonly Option<bool> plan = new("--plan") { Description = "Show the rows and what would be done, and do nothing." };
        private readonly Option<string?> frozen = new("--frozen") { Description = "Only if the rows are still those of the plan with this hash.", HelpName = "HASH" };
        private readonly Option<bool> yes = new("--yes") { Description = "Also when every quarantined row of the run is meant." };
        private readonly Option<bool> json = Shared.Json();

        public ReviewWhere Where { get; } = new();

        /// <summary>As it is typed after <c>--select</c>.</summary>
        public string Selector(ParseResult parsed) =>
            RowNames.Parse(parsed.GetValue(names)!).ToSelector() is { } selector ? Shell.Quoted(selector.ToString()) : "EXPR";

        public void AddTo(Command command)
        {
            command.Arguments.Add(names);
            foreach (var option in (Option[])[plan, frozen, yes, json])
                command.Options.Add(option);
            Where.AddTo(command);
        }

        public async Task<int> ActAsync(Terminal terminal, ParseResult parsed, Func<ReviewDesk, Verdict> say, CancellationToken cancellationToken)
        {
            var desk = await Where.OpenAsync(terminal, parsed, cancellationToken);
            var verdict = say(desk);
            var quarantine = new QuarantineDesk(desk, StoreFolder.Of(Where.Load(parsed)), terminal.Time);
            var named = parsed.GetValue(names)!;
            var rows = await quarantine.FreezeAsync(await quarantine.CountAsync(cancellationToken), named, cancellationToken);
            Refuse(parsed, named, rows, verdict);
            var isJson = parsed.GetValue(json);
            if (parsed.GetValue(plan))
            {
                var refusal = desk.Refusal(rows.Rows, verdict);
                if (isJson)
                    terminal.Json("muster.quarantine/1", QuarantineText.Plan(desk.Run, rows, verdict, null, refusal));
                else
                    terminal.Lines(QuarantineText.Lines(rows, verdict, consequence, refusal, desk));
                if (refusal is null)
                    terminal.Next($"the same without --plan, with --frozen {rows.Hash}");
                return ExitCodes.Ok;
            }

            var made = await quarantine.ActAsync(rows, verdict, cancellationToken);
            if (isJson)
            {
                terminal.Json("muster.quarantine/1", QuarantineText.Plan(desk.Run, rows, verdict, made, null));
            }
            else
            {
                terminal.Line($"{Figures.Count(made.Rows, "row")} {ReviewText.Past(verdict.Decision)} as {made.Decision}. {consequence}");
                if (made.Skipped > 0)
                    terminal.Line($"  {Figures.Count(made.Skipped, "row")} left as {(made.Skipped == 1 ? "it is" : "they are")}; the first: {Figures.Clean(made.WhySkipped!)}");
                terminal.Say($"Undo: muster review undo {made.Decision}{Where.Rest(parsed)}");
            }

            terminal.Next(verdict.Decision == Decision.Rerun ? Where.Run(parsed, desk.Run) : $"muster quarantine {desk.Run.Name}");
            return ExitCodes.Ok;
        }

        private void Refuse(ParseResult parsed, IReadOnlyList<string> named, ChosenRows rows, Verdict verdict)
        {
            if (parsed.GetValue(frozen) is { } hash && hash != rows.Hash)
            {
                throw new UsageException($"{string.Join(' ', named.Select(name => Excerpt.Of(name)))} is {Figures.Count(rows.Rows.Count, "row")} with hash {rows.Hash} by now, not those of {Excerpt.Of(hash)}.",
                    "Look again with --plan.");
            }

            if (verdict.Edited is not null && rows.Rows.Count > 1)
                throw new UsageException($"--edit gives one output, and {Figures.Count(rows.Rows.Count, "row")} are named.", "Name one key, or change single values of all with --set.");
            if (rows.IsBySelector && rows.Rows.Count == rows.OfQuarantine && rows.OfQuarantine > 1
                && !parsed.GetValue(yes) && !parsed.GetValue(plan))
            {
                throw new UsageException($"{string.Join(' ', named.Select(name => Excerpt.Of(name)))} matches every one of the {Figures.Count(rows.OfQuarantine, "row")} in quarantine.",
                    "Say so on purpose with --yes, look first with --plan, or name an issue.");
            }
        }
    }
}
