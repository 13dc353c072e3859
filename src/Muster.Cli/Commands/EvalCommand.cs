using System.CommandLine;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Grades a version of a job against an eval set and compares it with the locked baseline.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var set = new Option<string?>("--set") { Description = "The eval set. Default: evals.set of the job, else NAME.evalset.jsonl beside it.", HelpName = "FILE" };
        var run = new Option<string?>("--run") { Description = "Grade what this run answered, its gold rows where it carries them, instead of asking.", HelpName = "RUN" };
        var baseline = new Option<bool>("--baseline") { Description = "Make this grade the one that later ones are compared with." };
        var anew = new Option<bool>("--anew") { Description = "Ask the cases again although this version answered them." };
        var source = Shared.Source();
        var timeout = Shared.Duration("--timeout", "Stop waiting after so long, with exit code 75; the work goes on at the remote.");
        var json = Shared.Json();
        var command = new ExampledCommand("eval", "Grade this version of a job on frozen cases, and say whether it is worse than the baseline.",
            "muster eval", "muster eval --baseline", "muster eval --run r-4 --json", "muster eval catalog.job.yaml --set gold.evalset.jsonl")
        {
            job, set, run, baseline, anew, source, timeout, json,
        };
        Shared.Exclude(command, run, anew, source);
        command.SetAction((parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job), parsed.GetValue(source));
            var options = PipelineOptions.FromEnvironment() with
            {
                Timeout = parsed.GetValue(timeout), Anew = parsed.GetValue(anew), Alerts = Alerts.AlertOptions.FromEnvironment(definition),
            };
            var form = new Form(new NextStep(parsed.GetValue(job), definition.Target is not null), parsed.GetValue(set), parsed.GetValue(run),
                parsed.GetValue(baseline), parsed.GetValue(json));
            return EvalAsync(terminal, definition, options, form, cancellationToken);
        });
        return command;
    }

    private static async Task<int> EvalAsync(Terminal terminal, Job job, PipelineOptions options, Form form, CancellationToken cancellationToken)
    {
        if (form.Run is null)
            return await AskAsync(terminal, job, options, form, SetOf(job, form.Set), null, cancellationToken);
        var (set, run) = await ChosenAsync(job, form, cancellationToken);
        if (Evaluator.NeedsJudge(job, set))
            return await AskAsync(terminal, job, options, form, set, run, cancellationToken);
        await using var store = SqliteStore.Open(StoreFolder.Of(job), $"eval {job.Name}", terminal.Time);
        var evaluator = new Evaluator(job, store, store.Folder, runner: null, options);
        return await EndAsync(terminal, store, evaluator, (await evaluator.GradeAsync(set, run, cancellationToken))!, form, cancellationToken);
    }

    /// <summary>Asks the cases, or a judge about a run's answers, and shows it as a run is shown.</summary>
    private static async Task<int> AskAsync(
        Terminal terminal, Job job, PipelineOptions options, Form form, EvalSet set, Run? run, CancellationToken cancellationToken)
    {
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        options = options with { Progress = follower };
        try
        {
            await using var runner = Runner.Open(job, ClaudeOptions.FromEnvironment(), options);
            var evaluator = new Evaluator(job, runner.Store, StoreFolder.Of(job), runner, options);
            var running = Task.Run(() => run is null ? evaluator.AskAsync(set, cancellationToken) : evaluator.GradeAsync(set, run, cancellationToken), CancellationToken.None);
            await follower.FollowAsync(running);
            return await running is { } result
                ? await EndAsync(terminal, runner.Store, evaluator, result, form, cancellationToken)
                : await StoppedAsync(terminal, runner.Store, evaluator.End!, form, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (form.IsJson && follower.Read(ReportScope.Full) is { } report)
                terminal.Json("muster.eval/1", Stopped("detached", ExitCodes.Detached, null, report, form));
            terminal.Say(follower.Left("Nothing was begun; the eval", form.Next.Command("eval")));
            return ExitCodes.Detached;
        }
    }

    private static async Task<int> StoppedAsync(Terminal terminal, IStore store, RunEnd end, Form form, CancellationToken cancellationToken)
    {
        var report = await RunReport.ReadAsync(store, end.Run, ReportScope.Full, cancellationToken);
        if (form.IsJson)
        {
            terminal.Json("muster.eval/1", Stopped(Figures.Snake(end.Outcome), end.ExitCode, end.Why, report, form));
            return end.ExitCode;
        }

        if (RunEnding.Sentence(end) is { } sentence)
            terminal.Line(sentence);
        terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
        terminal.Next(form.Next.Command("eval"));
        return end.ExitCode;
    }

    private static object Stopped(string outcome, int exitCode, string? why, RunReport report, Form form) => new
    {
        outcome, exitCode, why, run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger), next = form.Next.Command("eval"),
    };

    private static async Task<int> EndAsync(
        Terminal terminal, IStore store, Evaluator evaluator, EvalResult result, Form form, CancellationToken cancellationToken)
    {
        if (form.Baseline)
            await LockAsync(store, result, terminal.Time, cancellationToken);
        var exitCode = form.Baseline ? ExitCodes.Ok : result.Gate.ExitCode;
        var next = Next(result, form);
        if (form.IsJson)
        {
            terminal.Json("muster.eval/1", EvalText.Json(result, new
            {
                outcome = "graded", exitCode, why = (string?)null, baselineStored = form.Baseline, next,
            }));
            return exitCode;
        }

        if (evaluator.End is { Outcome: RunOutcome.NothingToDo } end)
            terminal.Line($"Nothing to ask: {end.Run.Name} has every answer. To ask again: --anew.");
        terminal.Lines(EvalText.Lines(result, terminal.OutWidth));
        if (form.Baseline)
            terminal.Line($"  locked: grades of {result.Grade.Grade.SetId} are compared with this one from now on");
        terminal.Next(next);
        return exitCode;
    }

    /// <exception cref="MusterException">The grade is no measure for later ones.</exception>
    private static async Task LockAsync(IStore store, EvalResult result, TimeProvider time, CancellationToken cancellationToken)
    {
        var grade = result.Grade.Grade;
        if (grade.MustPassFailed.Count > 0 || !EvalGate.IsGraded(grade))
        {
            throw new EvalBaselineException(grade.MustPassFailed.Count > 0
                ? $"{result.Run.Name} is no baseline: must-pass cases fail ({Excerpt.List(grade.MustPassFailed)})."
                : $"{result.Run.Name} is no baseline: {grade.Unscored} of {Amount.Of(grade.Cases.Count, "case")} could not be graded.", "Look with `muster eval`.");
        }

        await store.LockBaselineAsync(result.Grade, Environment.UserName, time.GetUtcNow(), cancellationToken);
    }

    private static string Next(EvalResult result, Form form) =>
        result.Gate.HoldsPromotion && !form.Baseline ? $"{form.Next.Command("eval")} --run {result.Run.Name} --json"
        : result.Baseline is null && !form.Baseline ? $"{form.Next.Command("eval")} --baseline"
        : form.Next.Command(result.Run.IsFull() ? "promote" : "run");

    private static EvalSet SetOf(Job job, string? given) =>
        EvalSetFile.Load(given ?? EvalSetFile.PathOf(job), job);

    private static async Task<(EvalSet Set, Run Run)> ChosenAsync(Job job, Form form, CancellationToken cancellationToken)
    {
        await using var store = StatusCommand.OpenRun(job, form.Next);
        var runs = (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job.Name && run.Kind != RunKinds.Judge).ToList();
        var run = RunChoice.Of(job.Name, runs, form.Run);
        if (!RunStates.IsFinal(run.State))
            throw new UsageException($"{run.Name} is {RunStates.Word(run.State)}, not over.", form.Next.Command(RunKinds.Verb(run.Kind)));
        // What it carried or asked, not what the file says by now.
        return form.Set is null && (await store.EvalSetAsync(run.Id, cancellationToken))?.Read() is { } own ? (own, run) : (SetOf(job, form.Set), run);
    }

    private sealed record Form(NextStep Next, string? Set, string? Run, bool Baseline, bool IsJson);
}

/// <summary>A grade that nothing can be compared with. Nothing was stored.</summary>
internal sealed class EvalBaselineException(string message, string hint) : MusterException(message, hint)
{
    public override int ExitCode => ExitCodes.Unbalanced;
}
