using System.CommandLine;
using Muster.Cli.Output;
using Muster.Promotion;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Shows what a promotion would do to the target, and does it in one transaction when told to.</summary>
internal static class PromoteCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var run = new Option<string?>("--run") { Description = "Promote this run instead of the last full one.", HelpName = "RUN" };
        var plan = new Option<string?>("--plan") { Description = "A plan that was made before, instead of a new one.", HelpName = "ID" };
        var partial = new Option<bool>("--partial") { Description = "Promote what is accepted so far of a run that is not done." };
        var force = Shared.Keys("--force-keys", "Overwrite the keys in this file, one a line, although others changed their rows since.");
        var despiteDrift = new Option<string?>("--despite-drift") { Description = "Promote although drift holds the run, for this reason, which is recorded.", HelpName = "REASON" };
        var despite = new Option<string?>(Holds.DespiteGate) { Description = "Promote although a gate holds the run; the reason is recorded.", HelpName = "REASON" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be done, and do nothing." };
        var verify = new Option<string?>("--verify") { Description = "Read back what this promotion wrote.", HelpName = "PROMOTION" };
        var finalize = new Option<string?>("--finalize") { Description = "End the time in which this promotion can be taken back: removes the values kept for that.", HelpName = "PROMOTION" };
        var yes = new Option<bool>("--yes") { Description = "Apply, or finalize, without asking." };
        var json = Shared.Json();
        var command = new ExampledCommand("promote", "Plan what accepted outputs would change in the target, then apply it in one transaction.",
            "muster promote", "muster promote --plan p-7K2M9AQ1 --yes", "muster promote catalog.job.yaml --run r-2 --yes --json",
            "muster promote --verify prm-7K2M9A", "muster promote --finalize prm-7K2M9A --yes")
        {
            job, run, plan, partial, force, despite, despiteDrift, dryRun, verify, finalize, yes, json,
        };
        Shared.Exclude(command, plan, run, partial, force);
        Shared.Exclude(command, verify, finalize, plan, run, partial, force, despite, despiteDrift);
        Shared.Exclude(command, finalize, plan, run, partial, force, despite, despiteDrift);
        Shared.NotBlank(despiteDrift);
        Shared.NotBlank(despite);
        command.SetAction((parsed, cancellationToken) =>
        {
            var form = new Form(parsed.GetValue(job), parsed.GetValue(dryRun), parsed.GetValue(yes), parsed.GetValue(json));
            return parsed.GetValue(verify) is { } written ? VerifyAsync(terminal, written, form, cancellationToken)
                : parsed.GetValue(finalize) is { } ended ? FinalizeAsync(terminal, ended, form, cancellationToken)
                : PromoteAsync(terminal, new Wanted(parsed.GetValue(plan), parsed.GetValue(run),
                    parsed.GetValue(partial) ? Completeness.Partial : Completeness.Whole, parsed.GetValue(force), parsed.GetValue(despite), parsed.GetValue(despiteDrift)), form, cancellationToken);
        });
        return command;
    }

    private static async Task<int> PromoteAsync(Terminal terminal, Wanted wanted, Form form, CancellationToken cancellationToken)
    {
        var definition = Shared.Load(form.Job);
        var next = new NextStep(form.Job, definition.Target is not null);
        await using var store = StatusCommand.OpenRun(definition, next);
        var steps = new PromotionSteps(terminal);
        var promotions = Promotions.Open(definition, new PromotionsOptions { Time = terminal.Time, Progress = steps, DespiteGate = wanted.DespiteGate, DespiteDrift = wanted.DespiteDrift });
        var planned = await steps.FollowAsync(() => PlanAsync(promotions, store, wanted, cancellationToken));
        var run = await promotions.RunOfAsync(store, planned, cancellationToken);
        var holds = await promotions.HoldsAsync(store, run, cancellationToken);
        if (!form.IsJson)
            terminal.Lines(PromotionText.Lines(planned, terminal.OutWidth).Concat(PromotionText.Lines(holds)));
        if (holds.Count == 0 && await Holds.UngradedAsync(store, run, cancellationToken) is { } ungraded)
            terminal.Warn("Warning", ungraded);
        if (holds.Count > 0 && !form.IsDryRun && wanted.DespiteGate is null)
            throw new PromotionHeldException(run, holds);
        if (planned.Plan.Counts.Written > 0 && !form.IsDryRun && wanted.DespiteDrift is null && await steps.FollowAsync(() => DriftHold.OfAsync(store, definition, run, terminal.Time, cancellationToken)) is { } held)
            throw DriftHold.Refusal(run, held);
        var answer = planned.Plan.Counts.Written == 0 ? Answer.Nothing
            : form.IsDryRun ? Answer.Later
            : form.Yes || (!form.IsJson && Agrees(terminal, planned)) ? Answer.Apply : Answer.Later;
        var receipt = answer == Answer.Apply ? await steps.FollowAsync(ApplyAsync) : null;
        return Print(terminal, planned, holds, receipt, form);

        async Task<Receipt> ApplyAsync()
        {
            if (!wanted.IsRecorded)
                return await promotions.ApplyAsync(store, planned, cancellationToken);
            // Only now: whoever works on the store meanwhile is not kept from it by a question that waits for its answer.
            await using var writing = SqliteStore.Open(StoreFolder.Of(definition), $"promote {definition.Name}", terminal.Time);
            return await promotions.ApplyAsync(writing, planned, cancellationToken);
        }
    }

    private static async Task<int> VerifyAsync(Terminal terminal, string id, Form form, CancellationToken cancellationToken)
    {
        var promotions = Promotions.Open(Shared.Load(form.Job), new PromotionsOptions { Time = terminal.Time });
        var found = await new StepProgress(terminal, "promote").FollowAsync(() => promotions.VerifyAsync(id, cancellationToken));
        if (form.IsJson)
            Json(terminal, verification: new { promotionId = id, found.Holds, found.Written, found.Present, found.Keys, found.Wrong });
        else
            terminal.Lines(PromotionText.Lines(id, found));
        if (found.Holds)
            return ExitCodes.Ok;
        Invocation.Error(terminal, $"{id}: the target no longer holds all that was promoted.");
        Invocation.Try(terminal, $"{Undo(id, form.Job)} --dry-run");
        return ExitCodes.Unbalanced;
    }

    private static async Task<int> FinalizeAsync(Terminal terminal, string id, Form form, CancellationToken cancellationToken)
    {
        var promotions = Promotions.Open(Shared.Load(form.Job), new PromotionsOptions { Time = terminal.Time });
        var receipt = await promotions.FindReceiptAsync(id, cancellationToken);
        if (receipt.State != PromotionState.Final && !form.IsDryRun)
        {
            if (!form.Yes && !Shared.Agrees(terminal, $"Remove the values that {id} keeps for a rollback? It can never be taken back then."))
            {
                throw terminal.CanAsk
                    ? new UsageException($"{id} was left as it is.", $"{NextStep.Command("promote", form.Job)} --verify {id}")
                    : new UsageException($"Finalizing {id} cannot be undone, and nobody can be asked here.", "Repeat it with --yes, or look first with --dry-run.");
            }

            receipt = await new StepProgress(terminal, "promote").FollowAsync(() => promotions.FinalizeAsync(id, cancellationToken));
        }

        if (form.IsJson)
            Json(terminal, receipt: receipt);
        else
            terminal.Line(receipt.State == PromotionState.Final
                ? $"{id} is final: its hashes and counts are kept, the values before and after are not. It can no longer be taken back."
                : $"{id} is {Figures.Words(receipt.State)}; finalizing it would remove the values of {Figures.Count(receipt.Counts.Total, "key")} that a rollback needs.");
        terminal.Next(receipt.State == PromotionState.Final ? NextStep.Command("report", form.Job) : $"{NextStep.Command("promote", form.Job)} --finalize {id} --yes");
        return ExitCodes.Ok;
    }

    private static async Task<PlannedPromotion> PlanAsync(Promotions promotions, IStore store, Wanted wanted, CancellationToken cancellationToken) =>
        wanted.Plan is { } plan
            ? await promotions.FindAsync(store, plan, cancellationToken)
            : await promotions.PlanAsync(
                store, await promotions.ChooseAsync(store, wanted.Run, wanted.Completeness, cancellationToken), wanted.ForceKeys, cancellationToken);

    private static bool Agrees(Terminal terminal, PlannedPromotion planned) =>
        Shared.Agrees(terminal, $"Write {Figures.Count(planned.Plan.Counts.Written, "row")} to {planned.Plan.Target}?");

    private static int Print(Terminal terminal, PlannedPromotion planned, IReadOnlyList<PromotionHold> holds, Receipt? receipt, Form form)
    {
        var isWanted = receipt is null && planned.Plan.Counts.Written > 0;
        var apply = $"{NextStep.Command("promote", form.Job)} --plan {planned.Plan.PlanId} --yes";
        var undo = receipt is null ? null : $"{Undo(receipt.PromotionId, form.Job)} --yes";
        if (form.IsJson)
        {
            Json(terminal, planned, receipt, isWanted ? apply : null, undo, holds: holds);
        }
        else if (receipt is not null)
        {
            terminal.Lines(PromotionText.Lines(receipt, terminal.OutWidth));
            terminal.Say($"Undo: {undo}");
        }
        else
        {
            if (!isWanted)
                terminal.Line("Nothing to do: no row would change.");
            terminal.Next(isWanted ? apply : NextStep.Command("report", form.Job));
        }

        return receipt is { Stale: true } ? ExitCodes.StalePlan : ExitCodes.Ok;
    }

    private static void Json(
        Terminal terminal, PlannedPromotion? planned = null, Receipt? receipt = null, string? apply = null, string? undo = null, object? verification = null,
        IReadOnlyList<PromotionHold>? holds = null) =>
        terminal.Json("muster.promote/1", new
        {
            run = planned?.Run, plan = planned?.Plan, sourceChange = planned?.SourceChange, applied = planned is not null && receipt is not null, receipt,
            apply, undo, verification, holds = (holds ?? []).Select(hold => new { hold.By, hold.Reason, hold.See, hold.Override }),
        });

    private static string Undo(string promotion, string? job) => $"muster rollback {promotion}{NextStep.JobOption(job)}";

    private sealed record Form(string? Job, bool IsDryRun, bool Yes, bool IsJson);

    private sealed record Wanted(string? Plan, string? Run, Completeness Completeness, IReadOnlySet<string>? ForceKeys, string? DespiteGate, string? DespiteDrift)
    {
        /// <summary>Reasons are kept in the store.</summary>
        public bool IsRecorded => DespiteGate is not null || DespiteDrift is not null;
    }

    private enum Answer { Nothing, Later, Apply }
}
