using System.CommandLine;
using Muster.Cli.Output;
using Muster.Promotion;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Takes a promotion back, key by key, where the target still holds what it wrote.</summary>
internal static class RollbackCommand
{
    public static Command Create(Terminal terminal)
    {
        var promotion = new Argument<string>("promotion") { Description = "The promotion, as its receipt names it." };
        var job = new Option<string?>("--job") { Description = "The job file whose target holds it. Default: the only one in this folder.", HelpName = "JOB" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Count and list what would be done, and do nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        var json = Shared.Json();
        var command = new ExampledCommand("rollback", "Take a promotion back: restore what was there, for each key that nobody changed since.",
            "muster rollback prm-7K2M9A --dry-run", "muster rollback prm-7K2M9A --yes")
        {
            promotion, job, dryRun, yes, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var promotions = Promotions.Open(definition, new PromotionsOptions { Time = terminal.Time });
            var id = parsed.GetValue(promotion)!;
            var began = terminal.Time.GetTimestamp();
            var counted = await promotions.RollbackAsync(id, RollbackMode.DryRun, cancellationToken);
            var writes = !parsed.GetValue(dryRun) && !counted.AlreadyRolledBack;
            if (writes && !parsed.GetValue(yes) && !Agrees(terminal, counted))
            {
                throw terminal.CanAsk
                    ? new UsageException($"{id} was left as it is.", $"muster rollback {id}{NextStep.JobOption(parsed.GetValue(job))} --dry-run")
                    : new UsageException($"Taking back {id} would restore {Figures.Count(counted.Restored, "row")} and delete {counted.Deleted}; nobody can be asked here.",
                        "Repeat it with --yes, or look first with --dry-run.");
            }

            var receipt = writes ? await promotions.RollbackAsync(id, RollbackMode.Write, cancellationToken) : counted;
            var took = terminal.Time.GetElapsedTime(began);
            if (parsed.GetValue(json))
                terminal.Json("muster.rollback/1", new { rollback = receipt, seconds = took.TotalSeconds });
            else
                Print(terminal, receipt, took, writes, parsed.GetValue(job));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static bool Agrees(Terminal terminal, RollbackReceipt counted) => terminal.CanAsk && terminal.Talk.Prompt(new ConfirmationPrompt(
        $"Restore {Figures.Count(counted.Restored, "row")} and delete {counted.Deleted}, leaving {counted.Conflicts} alone?") { DefaultValue = false });

    private static void Print(Terminal terminal, RollbackReceipt receipt, TimeSpan took, bool wrote, string? job)
    {
        if (receipt.AlreadyRolledBack)
            terminal.RawOut.WriteLine($"{receipt.PromotionId} was rolled back before; nothing is left to do. What was done then:");
        terminal.RawOut.WriteLine($"{receipt.PromotionId}: {(wrote || receipt.AlreadyRolledBack ? "restored" : "would restore")} {Figures.Count(receipt.Restored)}"
            + $" · {(wrote || receipt.AlreadyRolledBack ? "deleted" : "delete")} {Figures.Count(receipt.Deleted)}"
            + $" · {(wrote || receipt.AlreadyRolledBack ? "kept" : "keep")} {Figures.Count(receipt.Conflicts)} (changed since by others)   {took.TotalSeconds:0.0} s");
        foreach (var conflict in receipt.Listed)
        {
            terminal.RawOut.WriteLine($"  {Figures.Fit(Figures.Clean(conflict.Key), 60)}: {Figures.Clean(conflict.Detail)}");
            terminal.RawOut.WriteLine($"    written {Figures.Fit(Figures.Clean(conflict.Written ?? "–"), 160)}");
            // What stands there now was looked at only when it was undone.
            if (!receipt.AlreadyRolledBack)
                terminal.RawOut.WriteLine($"    now     {Figures.Fit(Figures.Clean(conflict.Now ?? "no row"), 160)}");
        }

        if (wrote)
            terminal.Next(NextStep.Command("promote", job));
        else if (!receipt.AlreadyRolledBack)
            terminal.Next($"muster rollback {receipt.PromotionId}{NextStep.JobOption(job)} --yes");
    }
}
