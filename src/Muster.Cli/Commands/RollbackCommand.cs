using System.CommandLine;
using Muster.Cli.Output;
using Muster.Promotion;

namespace Muster.Cli.Commands;

/// <summary>Takes a promotion back, key by key, where the target still holds what it wrote.</summary>
internal static class RollbackCommand
{
    /// <summary>Columns before a value.</summary>
    private const int Label = 12;

    public static Command Create(Terminal terminal)
    {
        var promotion = new Argument<string>("promotion") { Description = "The promotion, as its receipt names it." };
        var job = new Option<string?>("--job") { Description = "The job file whose target holds it. Default: the only one in this folder.", HelpName = "JOB" };
        var force = Shared.Keys("--force-keys", "Put the keys in this file, one a line, back whatever they hold by now.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Count and list what would be done, and do nothing." };
        var yes = new Option<bool>("--yes") { Description = "Do it without asking." };
        var json = Shared.Json();
        var command = new ExampledCommand("rollback", "Take a promotion back: restore what was there, for each key that nobody changed since.",
            "muster rollback prm-7K2M9A --dry-run", "muster rollback prm-7K2M9A --yes", "muster rollback prm-7K2M9A --force-keys keys.txt --yes")
        {
            promotion, job, force, dryRun, yes, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            var promotions = Promotions.Open(definition, new PromotionsOptions { Time = terminal.Time });
            var id = parsed.GetValue(promotion)!;
            var began = terminal.Time.GetTimestamp();
            var request = new RollbackRequest(id, RollbackMode.DryRun) { ForceKeys = parsed.GetValue(force) ?? new HashSet<string>() };
            var progress = new StepProgress(terminal, "rollback");
            var isDryRun = parsed.GetValue(dryRun);
            RollbackReceipt? counted = null;
            if (isDryRun || !parsed.GetValue(yes))
            {
                progress.Say("comparing with the target");
                counted = await progress.FollowAsync(() => promotions.RollbackAsync(request, cancellationToken));
                if (!isDryRun && !counted.AlreadyRolledBack && !Agrees(terminal, counted))
                    throw Disagreed(terminal, counted, parsed.GetValue(job));
            }

            var writes = !isDryRun && counted is not { AlreadyRolledBack: true };
            progress.Say("comparing and writing to the target");
            var receipt = writes
                ? await progress.FollowAsync(() => promotions.RollbackAsync(request with { Mode = RollbackMode.Write }, cancellationToken))
                : counted!;
            writes &= !receipt.AlreadyRolledBack;
            var took = terminal.Time.GetElapsedTime(began);
            if (parsed.GetValue(json))
                terminal.Json("muster.rollback/1", new { rollback = receipt, seconds = took.TotalSeconds });
            else
                Print(terminal, receipt, took, writes, parsed.GetValue(job));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static bool Agrees(Terminal terminal, RollbackReceipt counted) => Shared.Agrees(
        terminal, $"Restore {Figures.Count(counted.Restored, "row")} and delete {Figures.Count(counted.Deleted)}, leaving {Figures.Count(counted.Conflicts)} alone?");

    private static UsageException Disagreed(Terminal terminal, RollbackReceipt counted, string? job) => terminal.CanAsk
        ? new UsageException($"{counted.PromotionId} was left as it is.", $"muster rollback {counted.PromotionId}{NextStep.JobOption(job)} --dry-run")
        : new UsageException($"Taking back {counted.PromotionId} would restore {Figures.Count(counted.Restored, "row")} and delete {Figures.Count(counted.Deleted)};"
            + " nobody can be asked here.", "Repeat it with --yes, or look first with --dry-run.");

    private static void Print(Terminal terminal, RollbackReceipt receipt, TimeSpan took, bool wrote, string? job)
    {
        if (receipt.AlreadyRolledBack)
            terminal.Line($"{receipt.PromotionId} was rolled back before; nothing is left to do. What was done then:");
        terminal.Line($"{receipt.PromotionId}: {(wrote || receipt.AlreadyRolledBack ? "restored" : "would restore")} {Figures.Count(receipt.Restored)}"
            + $" · {(wrote || receipt.AlreadyRolledBack ? "deleted" : "delete")} {Figures.Count(receipt.Deleted)}"
            + $" · {(wrote || receipt.AlreadyRolledBack ? "kept" : "keep")} {Figures.Count(receipt.Conflicts)} (changed since by others)   {took.TotalSeconds:0.0} s");
        foreach (var conflict in receipt.Listed)
        {
            terminal.Line($"  {Figures.Fit(Figures.Clean(conflict.Key), 60)}: {Figures.Clean(conflict.Detail)}");
            terminal.Line($"    written {PromotionText.Value(conflict.Written ?? "–", terminal.OutWidth - Label)}");
            // What stands there now was looked at only when it was undone.
            if (!receipt.AlreadyRolledBack)
                terminal.Line($"    now     {PromotionText.Value(conflict.Now ?? "no row", terminal.OutWidth - Label)}");
        }

        if (wrote)
            terminal.Next(NextStep.Command("promote", job));
        else if (!receipt.AlreadyRolledBack)
            terminal.Next($"muster rollback {receipt.PromotionId}{NextStep.JobOption(job)} --yes");
    }
}
