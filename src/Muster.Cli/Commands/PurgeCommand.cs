using System.CommandLine;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Purges;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Removes a run's or some keys' words from everything of ours, and keeps counts and hashes.</summary>
internal static class PurgeCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("run") { Description = "The run, as `muster status` names it." };
        var job = new Option<string?>("--job") { Description = "The job file whose store holds it. Default: the only one in this folder.", HelpName = "JOB" };
        var key = new Option<string[]>("--key") { Description = "Only the rows of this key; may be given several times.", HelpName = "KEY" };
        var keys = new Option<string?>("--keys") { Description = "Only the rows of the keys in this file, one on each line.", HelpName = "FILE" };
        var keepRemote = new Option<bool>("--keep-remote") { Description = "Leave the remote's copies, whole; it removes them 29 days after their creation." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be removed and change nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking. There is no undo." };
        var json = Shared.Json();
        var command = new ExampledCommand("purge", "Remove inputs, outputs, archived results and remote batches of a run or of some keys, for good. Counts and hashes stay.",
            "muster purge r-1 --dry-run", "muster purge r-1 --key p-00042 --yes", "muster purge r-1 --keys deleted-customers.txt --yes")
        {
            run, job, key, keys, keepRemote, dryRun, yes, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var chosen = Keys(parsed.GetValue(key), parsed.GetValue(keys));
            var name = parsed.GetValue(run)!;
            if (!SqliteStore.IsIn(StoreFolder.Of(definition)))
                throw StatusCommand.NotRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
            using var remote = parsed.GetValue(keepRemote) || parsed.GetValue(dryRun) ? null : new BatchesClient(ClaudeOptions.FromEnvironment());
            await using var store = SqliteStore.Open(StoreFolder.Of(definition), $"purge {name}", terminal.Time);
            var purger = new Purger(store, new PurgeOptions { Time = terminal.Time, Remote = remote, Target = Target(definition, terminal) });
            var plan = await purger.PlanAsync(name, chosen, cancellationToken);
            var form = parsed.GetValue(json);
            if (!form)
                terminal.Lines(Lines(plan, parsed.GetValue(keepRemote)));
            if (parsed.GetValue(dryRun))
            {
                if (form)
                    terminal.Json("muster.purge/1", new { plan, receipt = (object?)null });
                return ExitCodes.Ok;
            }

            if (!plan.IsNothing && !parsed.GetValue(yes) && !Agrees(terminal, plan))
            {
                throw terminal.CanAsk
                    ? new UsageException($"{name} was left as it is.", $"muster purge {name}{NextStep.JobOption(parsed.GetValue(job))} --dry-run")
                    : new UsageException($"Purging {Figures.Count(plan.Rows, "row")} of {name} cannot be undone, and nobody can be asked here.",
                        "Repeat it with --yes, or look first with --dry-run.");
            }

            var receipt = await purger.ApplyAsync(name, chosen, cancellationToken);
            if (form)
                terminal.Json("muster.purge/1", new { plan, receipt });
            else
                terminal.Lines(Lines(receipt));
            if (receipt.IsDone || parsed.GetValue(keepRemote))
                return ExitCodes.Ok;
            Invocation.Errors(terminal, [.. receipt.Left.Where(left => left.Fate == Fate.Delete)
                .Select(left => new Refusal($"{left.Batch} ({left.RemoteId}) is still at the remote: {left.Why}", "Repeat the command; what is done is not done again."))]);
            return ExitCodes.Error;
        });
        return command;
    }

    private static List<string>? Keys(string[]? given, string? file)
    {
        if (given is not { Length: > 0 } && file is null)
            return null;
        var keys = new List<string>(given ?? []);
        if (file is not null)
            keys.AddRange(File.ReadLines(file).Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0));
        // A file of blank lines must not mean the whole run.
        return keys.Count > 0 ? [.. keys.Distinct()] : throw new UsageException($"{file} holds no key.", "Write one key on each line, or leave --keys out to purge the whole run.");
    }

    private static ITarget? Target(Job job, Terminal terminal) => job.Target is { } spec && (spec.Kind != TargetKind.Sqlite || File.Exists(spec.Path)) ? Targets.Open(spec, terminal.Time) : null;

    private static bool Agrees(Terminal terminal, PurgePlan plan) => terminal.CanAsk && terminal.Talk.Prompt(
        new ConfirmationPrompt($"Remove {Figures.Count(plan.Rows, "row")} of {plan.Run} for good? There is no undo.") { DefaultValue = false });

    private static IEnumerable<string> Lines(PurgePlan plan, bool keepsRemote)
    {
        yield return $"{plan.Run}: {Figures.Count(plan.Rows, "row")}, {Figures.Count(plan.Requests, "request")}, {Figures.Count(plan.Staged, "staged output")},"
            + $" {Figures.Count(plan.Archives, "archive")} of {Figures.Count(plan.ArchiveBytes, "byte")} {(plan.Scope == PurgeScope.Run ? "to remove" : "to write again without them")}";
        if (plan.Unfinished > 0)
            yield return $"  {Figures.Count(plan.Unfinished, "purge")} begun earlier to finish";
        if (plan.PurgedBefore > 0)
            yield return $"  {Figures.Count(plan.PurgedBefore, "key")} purged before";
        if (plan.Missing > 0)
            yield return $"  {Figures.Count(plan.Missing, "key")} not in this run";
        if (plan.AlsoIn.Count > 0)
            yield return $"  also in {string.Join(", ", plan.AlsoIn)}: purge there too";
        foreach (var remote in plan.Remotes)
        {
            yield return $"  {remote.Batch} ({remote.RemoteId}): " + remote.Fate switch
            {
                Fate.Delete when keepsRemote => $"left at the remote, which keeps it until {Figures.Clock(remote.KeptUntil)}",
                Fate.Delete when plan.Scope == PurgeScope.Keys => "deleted at the remote; the results of its other rows stay in our archive",
                Fate.Delete => "deleted at the remote",
                Fate.Shared => $"stays at the remote until {Figures.Clock(remote.KeptUntil)}: {Figures.Clean(remote.Why ?? "")}",
                Fate.Gone => "gone from the remote",
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        }
    }

    private static IEnumerable<string> Lines(PurgeReceipt receipt)
    {
        yield return $"Purged {Figures.Count(receipt.Rows, "row")} of {receipt.Run}: {Figures.Count(receipt.Lines, "result line")},"
            + $" images of {Figures.Count(receipt.Images, "promoted key")}; {Figures.Count(receipt.Deleted, "remote batch")} gone.";
        yield return $"Kept: counts, costs and keyed hashes. {receipt.Ledger}";
        yield return "Not touched: the source, the target's own rows, backups.";
        foreach (var left in receipt.Left)
            yield return $"  {left.Batch} ({left.RemoteId}) is at the remote until {Figures.Clock(left.KeptUntil)}: {Figures.Clean(left.Why)}";
    }
}
