using System.CommandLine;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Handoffs;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>Puts what another team needs to take a run over into one folder, or checks such a folder.</summary>
internal static class HandoffCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFileOrRun();
        var run = new Option<string?>("--run") { Description = "Hand over this run instead of the last full one.", HelpName = "RUN" };
        var to = new Option<string?>("--out") { Description = "The folder to write. An unchanged handoff there is replaced.", HelpName = "FOLDER" };
        var check = new Option<string?>("--check") { Description = "Write nothing: compare the files of this handoff with its manifest.", HelpName = "FOLDER" };
        var noRows = new Option<bool>("--no-rows") { Description = "Leave out what came from the rows: keys, messages, outputs, the quarantine and the eval set." };
        var force = new Option<bool>("--force") { Description = "Move a handoff that somebody changed aside; nothing is deleted." };
        var json = Shared.Json();
        var command = new ExampledCommand("handoff", "Put what is needed to take a run over into one folder: report, runbook, quarantine, job, prices, receipts.",
            "muster handoff --out handover", "muster handoff r-2 --out handover --no-rows", "muster handoff --check handover")
        {
            job, run, to, check, noRows, force, json,
        };
        Shared.Exclude(command, check, to, run, noRows, force);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(check) is { } folder)
                return Print(terminal, await Handoff.CheckAsync(folder, cancellationToken), parsed.GetValue(json));
            var written = parsed.GetValue(to) ?? throw new UsageException("Neither --out nor --check is given.", "Name the folder to write: `muster handoff --out handover`.");
            var (path, name) = Shared.JobOrRun(parsed.GetValue(job), parsed.GetValue(run));
            var file = Path.GetFullPath(path ?? Shared.OnlyJobHere());
            var definition = Shared.Load(file);
            await using var store = StatusCommand.OpenRun(definition, new NextStep(path, definition.Target is not null));
            var runs = await store.RunsOfAsync(definition.Name, cancellationToken);
            var receipt = await Handoff.WriteAsync(store, definition, RunChoice.Of(definition.Name, runs, name), written, new HandoffOptions
            {
                Time = terminal.Time, JobFile = file, BaseUrl = BaseUrl(), Rows = parsed.GetValue(noRows) ? HandoffRows.Without : HandoffRows.With,
                Replace = parsed.GetValue(force) ? HandoffReplace.MoveAside : HandoffReplace.OwnUnchanged,
            }, cancellationToken);
            Print(terminal, receipt, written, parsed.GetValue(json));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Null for the public service, and for what is no address: the commands then name none.</summary>
    private static Uri? BaseUrl() =>
        Uri.TryCreate(Environment.GetEnvironmentVariable("ANTHROPIC_BASE_URL"), UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static void Print(Terminal terminal, HandoffReceipt receipt, string folder, bool json)
    {
        if (json)
        {
            terminal.Json("muster.handoff/1", new { receipt, check = (object?)null });
            return;
        }

        terminal.Line($"{receipt.Run} → {receipt.Folder}: {Figures.Count(receipt.Files.Count, "file")}, {Figures.Count(receipt.Files.Sum(file => file.Bytes), "byte")}");
        foreach (var file in receipt.Files)
            terminal.Line($"  {file.Name} {Figures.Count(file.Bytes, "byte")}");
        if (receipt.MovedAside is { } aside)
            terminal.Say($"what was there is now {aside}");
        if (receipt.Redacted > 0)
            terminal.Say($"{Figures.Count(receipt.Redacted, "secret")} taken out of the text");
        terminal.Say(receipt.Rows == HandoffRows.With
            ? "It holds words of the rows: keys, messages, outputs. Treat it as you treat the source, or leave them out with --no-rows."
            : "What came from the rows is left out; the prompt and the names of files are in it.");
        terminal.Next($"muster handoff --check {NextStep.Quoted(folder)}");
    }

    private static int Print(Terminal terminal, HandoffCheck check, bool json)
    {
        if (json)
            terminal.Json("muster.handoff/1", new { receipt = (object?)null, check = new { whole = check.IsWhole, check.Folder, check.Files, check.Changed, check.Missing, check.Unlisted } });
        else if (check.IsWhole)
            terminal.Line($"ok   {check.Folder}: {Figures.Count(check.Files, "file")} as written");
        else
            terminal.Line($"DIFF {check.Folder}: {check.Changed.Count} changed, {check.Missing.Count} missing, {check.Unlisted.Count} not listed of {Figures.Count(check.Files, "file")}");
        Invocation.Errors(terminal,
        [
            .. check.Changed.Select(name => new Refusal($"{Excerpt.Quoted(name)} is not what was written", "Write the handoff again from the store, into another folder.")),
            .. check.Missing.Select(name => new Refusal($"{Excerpt.Quoted(name)} is missing", "Write the handoff again from the store, into another folder.")),
            .. check.Unlisted.Select(name => new Refusal($"{Excerpt.Quoted(name)} is not in the manifest", "Move it out of the folder.")),
        ]);
        return check.IsWhole ? ExitCodes.Ok : ExitCodes.Unbalanced;
    }
}
