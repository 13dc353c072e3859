using System.CommandLine;
using System.CommandLine.Parsing;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;
using Muster.Review;

namespace Muster.Cli.Commands;

/// <summary>One decision about one row.</summary>
internal static class ReviewDecideCommand
{
    public static Command Create(Terminal terminal)
    {
        var key = new Argument<string>("key") { Description = "The row's key, or its line as `products.csv:17`." };
        var accept = new Option<bool>("--accept") { Description = "Stage the answer as it is; the contract must hold." };
        var reject = new Option<string?>("--reject") { Description = $"Refuse the answer: {string.Join(", ", RejectReasons.All.Select(reason => reason.Word))}.", HelpName = "REASON" };
        var edit = new Option<string?>("--edit") { Description = "Stage the output in this file instead; the contract must hold.", HelpName = "FILE" };
        var set = new Option<string[]>("--set") { Description = "Stage the answer with this value set, as /pointer=value; may be given several times.", HelpName = "/P=V" };
        var rerun = new Option<bool>("--rerun") { Description = "Send the row back: the next `muster run` asks and pays again." };
        var unsure = new Option<bool>("--unsure") { Description = "Pass the row on to another person." };
        var escalate = new Option<bool>("--escalate") { Description = "Leave it to somebody with the last word." };
        var note = new Option<string?>("--note") { Description = "Why, in your own words; it is kept with the decision.", HelpName = "TEXT" };
        var lease = new Option<long?>("--lease") { Description = "The lease that `next` gave; refused when it is lost. Without it one is taken, unless another holds the row.", HelpName = "N" };
        var where = new ReviewWhere();
        var json = Shared.Json();
        var command = new ExampledCommand("decide", "Decide one row.",
            "muster review decide p-00042 --accept", "muster review decide p-00042 --reject wrong --note \"not a shoe\"", "muster review decide p-00042 --set /category=Shoes --as ada",
            "muster review decide p-00042 --edit corrected.json", "muster review decide p-00042 --rerun", "muster review decide p-00042 --unsure")
        {
            key, accept, reject, edit, set, rerun, unsure, escalate, note, lease, json,
        };
        where.AddTo(command);
        Option[] kinds = [accept, reject, edit, set, rerun, unsure, escalate];
        command.Validators.Add(result =>
        {
            var given = kinds.Where(option => result.GetResult(option) is { Implicit: false }).ToList();
            if (given.Count == 0)
                result.AddError("No decision is given; give one of --accept, --reject, --edit, --set, --rerun, --unsure, --escalate.");
            if (given.Count > 1)
                result.AddError($"{string.Join(" and ", given.Select(option => option.Name))} are given; a row gets one decision.");
            if (result.GetResult(reject) is { } reasons && reasons.Tokens.FirstOrDefault(token => !RejectReasons.IsKnown(token.Value)) is { } unknown)
                result.AddError($"{Excerpt.Quoted(unknown.Value)} is no reason to reject an answer. {RejectReasons.Question(unknown.Value)}");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var verdict = Verdict(parsed, accept, reject, edit, set, rerun, unsure) with { Note = parsed.GetValue(note) };
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            var name = parsed.GetValue(key)!;
            var made = await desk.DecideAsync(name, verdict, parsed.GetValue(lease), cancellationToken);
            ReviewText.Print(terminal, parsed.GetValue(json), desk.Run, name, verdict, made, where.Rest(parsed));
            if (await desk.TakenOverByAsync(name) is { } later)
                terminal.RawTalk.WriteLine($"Warning: {later} asked this row again, and its answer is the one that is promoted. Decide it there: --run {later}");
            if (await RolledBack.FindAsync(terminal, desk, name, cancellationToken) is { } back)
                terminal.RawTalk.WriteLine(ReviewText.TakenBack(back, name) + (verdict.Decision is Decision.Accept or Decision.Edit ? ": the decision goes live with the next promotion." : "."));
            terminal.Next(made.ReopensRun || verdict.Decision == Decision.Rerun ? where.Run(parsed, desk.Run) : $"muster review next{where.Rest(parsed)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Verdict Verdict(
        ParseResult parsed, Option<bool> accept, Option<string?> reject, Option<string?> edit, Option<string[]> set, Option<bool> rerun, Option<bool> unsure)
    {
        if (parsed.GetValue(reject) is { } reason)
            return new Verdict(Decision.Reject) { Reason = reason };
        if (parsed.GetValue(edit) is { } file)
            return new Verdict(Decision.Edit) { Edited = File.ReadAllBytes(file) };
        if (parsed.GetValue(set) is { Length: > 0 } settings)
            return new Verdict(Decision.Edit) { Settings = settings };
        return new Verdict(parsed.GetValue(accept) ? Decision.Accept : parsed.GetValue(rerun) ? Decision.Rerun : parsed.GetValue(unsure) ? Decision.Unsure : Decision.Escalate);
    }
}
