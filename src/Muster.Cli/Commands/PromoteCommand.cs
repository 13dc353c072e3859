using System.CommandLine;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Stores;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Shows what a promotion would do to the target, and does it in one transaction when told to.</summary>
internal static class PromoteCommand
{
    private const int Shown = 5;

    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var run = new Option<string?>("--run") { Description = "Promote this run instead of the last one.", HelpName = "RUN" };
        var plan = new Option<string?>("--plan") { Description = "A plan that was made before, instead of a new one.", HelpName = "ID" };
        var partial = new Option<bool>("--partial") { Description = "Promote what is accepted so far of a run that is not done." };
        var yes = new Option<bool>("--yes") { Description = "Apply without asking." };
        var json = Shared.Json();
        var command = new ExampledCommand("promote", "Plan what accepted outputs would change in the target, then apply it in one transaction.",
            "muster promote", "muster promote --plan p-7K2M9AQ1 --yes", "muster promote catalog.job.yaml --run r-2 --yes --json")
        {
            job, run, plan, partial, yes, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            if (parsed.GetValue(plan) is not null && parsed.GetValue(run) is not null)
                throw new UsageException("--plan and --run are given; a plan belongs to one run.", "Leave one of the two out.");
            await using var store = StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
            var promotions = Promotions.Open(definition, new PromotionsOptions { Time = terminal.Time });
            var planned = await PlanAsync(promotions, store, parsed.GetValue(plan), parsed.GetValue(run),
                parsed.GetValue(partial) ? Completeness.Partial : Completeness.Whole, cancellationToken);
            var isJson = parsed.GetValue(json);
            if (!isJson)
                terminal.Lines(Lines(planned));
            var answer = planned.Plan.Counts.Written == 0 ? Answer.Nothing
                : parsed.GetValue(yes) || (!isJson && Agrees(terminal, planned)) ? Answer.Apply : Answer.Later;
            var receipt = answer == Answer.Apply ? await promotions.ApplyAsync(store, planned, cancellationToken) : null;
            return Print(terminal, planned, receipt, parsed.GetValue(job), isJson);
        });
        return command;
    }

    private static async Task<PlannedPromotion> PlanAsync(
        Promotions promotions, IStore store, string? plan, string? run, Completeness completeness, CancellationToken cancellationToken) =>
        plan is not null
            ? await promotions.FindAsync(store, plan, cancellationToken)
            : await promotions.PlanAsync(store, await promotions.ChooseAsync(store, run, completeness, cancellationToken), cancellationToken);

    private static bool Agrees(Terminal terminal, PlannedPromotion planned) =>
        terminal.CanAsk && terminal.Talk.Prompt(new ConfirmationPrompt($"Write {Figures.Count(planned.Plan.Counts.Written, "row")} to {Markup.Escape(planned.Plan.Target)}?") { DefaultValue = false });

    private static int Print(Terminal terminal, PlannedPromotion planned, Receipt? receipt, string? job, bool isJson)
    {
        var apply = $"{NextStep.Command("promote", job)} --plan {planned.Plan.PlanId} --yes";
        var undo = receipt is null ? null : $"muster rollback {receipt.PromotionId}{NextStep.JobOption(job)} --yes";
        if (isJson)
        {
            terminal.Json("muster.promote/1", new
            {
                run = planned.Run, plan = planned.Plan, sourceChange = planned.SourceChange, applied = receipt is not null, receipt,
                apply = receipt is null && planned.Plan.Counts.Written > 0 ? apply : null, undo,
            });
        }
        else if (receipt is null)
        {
            if (planned.Plan.Counts.Written > 0)
                terminal.Next(apply);
            else
                terminal.RawOut.WriteLine("Nothing to do: no row would change.");
        }
        else
        {
            terminal.Lines(Lines(receipt));
            terminal.RawTalk.WriteLine($"Undo: {undo}");
        }

        return receipt is { Stale: true } ? ExitCodes.StalePlan : ExitCodes.Ok;
    }

    private static IEnumerable<string> Lines(PlannedPromotion planned)
    {
        var plan = planned.Plan;
        yield return $"{planned.Run} → {Figures.Clean(plan.Target)}   plan {plan.PlanId}";
        if (planned.SourceChange is { } change)
            yield return $"  since the run {Figures.Clean(change)}; every row was compared with the source as it is now";
        yield return $"  {Figures.Count(plan.Counts.Total)} accepted = {Counts(plan.Counts)}";
        var changes = plan.Changes.Where(column => column.Rows > 0).Select(column => $"{Figures.Clean(column.Column)} {Figures.Count(column.Rows)}").ToList();
        if (changes.Count > 0)
            yield return $"  changes by column: {string.Join(", ", changes)}";
        foreach (var line in Examples(plan.Examples))
            yield return line;
    }

    private static IEnumerable<string> Lines(Receipt receipt)
    {
        if (receipt.AlreadyApplied)
            yield return $"The plan was applied before, as {receipt.PromotionId}; nothing was written now.";
        yield return $"{receipt.PromotionId} {Figures.Clock(receipt.At)} {Figures.Clean(receipt.Target)}: {Counts(receipt.Counts)}";
        if (receipt.Stale)
            yield return "  keys that changed between plan and promotion were skipped:";
        foreach (var line in Examples(receipt.Listed))
            yield return line;
    }

    internal static string Counts(PromotionCounts counts)
    {
        var text = $"{Figures.Count(counts.Insert)} insert + {Figures.Count(counts.Update)} update + {Figures.Count(counts.Unchanged)} unchanged"
            + $" + {Figures.Count(counts.Conflict)} conflict + {Figures.Count(counts.SourceChanged)} source changed + {Figures.Count(counts.Missing)} missing";
        return counts.Constraint > 0 ? $"{text} + {Figures.Count(counts.Constraint)} refused by the target's rules" : text;
    }

    private static IEnumerable<string> Examples(IReadOnlyList<PromotionExample> examples)
    {
        foreach (var group in examples.GroupBy(example => example.Op))
        {
            foreach (var example in group.Take(Shown))
            {
                var values = (example.Before, example.After) switch
                {
                    ({ } before, { } after) => $"{before} → {after}",
                    (null, { } after) => after,
                    ({ } before, null) => before,
                    _ => "",
                };
                yield return $"  {Figures.Words(example.Op)} {Figures.Fit(Figures.Clean(example.Key), 60)}{(example.Reason is { } reason ? $" {reason}" : "")}"
                    + $"{(example.Detail is { } detail ? $" ({Figures.Clean(detail)})" : "")} {Figures.Fit(Figures.Clean(values), 160)}".TrimEnd();
            }
        }
    }

    private enum Answer { Nothing, Later, Apply }
}
