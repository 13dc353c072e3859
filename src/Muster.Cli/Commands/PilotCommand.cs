using System.CommandLine;
using Muster.Checks;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Asks a few picked rows, says what the full run would do and cost, and locks the version once it was read.</summary>
internal static class PilotCommand
{
    private static readonly string[] Stages = ["smoke", "pilot", "dry"];

    /// <summary>Known, so that whoever types it is told that it is a command of its own.</summary>
    private const string FullStage = "full";

    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var word = new Argument<string?>("stage")
        {
            Description = "smoke (8 rows), pilot (pilot.rows of the job; the default) or dry (500). Where there is one job it may stand alone.", Arity = ArgumentArity.ZeroOrOne,
        };
        var stage = new Option<string?>("--stage") { Description = "The same, as an option.", HelpName = "STAGE" };
        stage.AcceptOnlyFromAmong(Stages);
        var rows = new Option<int?>("--rows") { Description = "Pick so many rows instead.", HelpName = "N" };
        var seed = new Option<ulong?>("--seed") { Description = "Pick other rows; the same seed picks the same. Default: 1.", HelpName = "N" };
        var html = new Option<string?>("--html") { Description = "Write the rows to read, source beside output, to this HTML file.", HelpName = "FILE" };
        var anew = new Option<bool>("--anew") { Description = "Ask again although the last one of this stage has every answer." };
        var source = Shared.Source();
        var timeout = Shared.Duration("--timeout", "Stop waiting after so long, with exit code 75; the work goes on at the remote.");
        var locks = new Option<bool>("--lock") { Description = "Ask nothing: lock the version on its newest pilot, when that passed, and write the eval set." };
        var json = Shared.Json();
        var command = new ExampledCommand("pilot", "Ask a few hard rows and some random ones first, and say what the full run would do and cost.",
            "muster pilot smoke", "muster pilot --html pilot.html", "muster pilot catalog.job.yaml --rows 200 --seed 7 --json", "muster pilot --lock", "muster pilot catalog.job.yaml dry")
        {
            job, word, stage, rows, seed, html, anew, source, timeout, locks, json,
        };
        Shared.Bound(rows, 1, 10_000, "--rows is a whole number from 1 to 10,000.");
        Shared.Exclude(command, locks, stage, rows, seed, anew, timeout);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (file, named) = JobOrStage(parsed.GetValue(job), parsed.GetValue(word), parsed.GetValue(stage));
            if (named is not null && parsed.GetValue(locks))
                throw new UsageException($"--lock and the stage {named} are given.", "Leave one of the two out: the newest pilot is locked.");
            var definition = Shared.Load(file, parsed.GetValue(source));
            // Before anything is asked: a page that cannot be written must not cost a pilot.
            Shared.RefuseUnwritable(parsed.GetValue(html));
            var form = new Form(file, new NextStep(file, definition.Target is not null), parsed.GetValue(html), parsed.GetValue(json));
            if (parsed.GetValue(locks))
                return await LockAsync(terminal, definition, form, cancellationToken);
            var scope = new RunScope(named is null ? PilotStage.Pilot : RunScope.StageOf(named)) { Rows = parsed.GetValue(rows), Seed = parsed.GetValue(seed) };
            var options = PipelineOptions.FromEnvironment() with
            {
                Scope = scope, Timeout = parsed.GetValue(timeout), Anew = parsed.GetValue(anew), Alerts = Alerts.AlertOptions.FromEnvironment(definition),
            };
            return await RunAsync(terminal, definition, options, form, cancellationToken);
        });
        return command;
    }

    /// <summary>A stage may stand where the job would; a file of that name is the job.</summary>
    private static (string? Job, string? Stage) JobOrStage(string? job, string? word, string? option)
    {
        if (word is null && job is not null && (Stages.Contains(job) || job == FullStage) && !File.Exists(job))
            (job, word) = (null, job);
        if (word == FullStage)
            throw new UsageException("The stage after dry is the full run.", NextStep.Command("run", job));
        if (word is not null && !Stages.Contains(word))
            throw new UsageException($"{Excerpt.Quoted(word)} is no stage.{Closest.Question(word, Stages)}", $"Write one of {string.Join(", ", Stages)}, after the job file.");
        if (word is not null && option is not null && word != option)
            throw new UsageException($"{word} and --stage {option} name a stage twice.", "Leave one of the two out.");
        return (job, word ?? option);
    }

    private static async Task<int> RunAsync(Terminal terminal, Job job, PipelineOptions options, Form form, CancellationToken cancellationToken)
    {
        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        try
        {
            var (end, report) = await RunCommand.FollowAsync(follower, job, ClaudeOptions.FromEnvironment(), options, cancellationToken);
            var pilot = await ReadAsync(job, end.Run, cancellationToken);
            WriteHtml(terminal, pilot, form.Html);
            return Print(terminal, end, report, pilot, form);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Say(follower.Left("Nothing was begun; the run", form.Next.Stage(options.Scope.Kind)));
            return ExitCodes.Detached;
        }
    }

    private static async Task<int> LockAsync(Terminal terminal, Job job, Form form, CancellationToken cancellationToken)
    {
        if (!SqliteStore.IsIn(StoreFolder.Of(job)))
            throw new UsageException($"{job.Name} has not been run yet.", form.Next.Command("pilot"));
        PilotLock locked;
        string path;
        PilotLocker locker;
        PilotAccount pilot;
        await using (var store = SqliteStore.Open(StoreFolder.Of(job), $"lock the pilot of {job.Name}", terminal.Time))
        {
            var reader = new PilotReader(store, store.ArchiveFolder, Prices.Load());
            locker = new PilotLocker(store, reader, job, Environment.UserName, terminal.Time);
            (locked, path) = (await locker.LockAsync(cancellationToken), locker.EvalSetPath);
            pilot = await reader.ReadAsync(await store.RunAsync(locked.RunId, cancellationToken), job.Pilot.Pass, cancellationToken);
        }

        WriteHtml(terminal, pilot, form.Html);
        if (form.IsJson)
        {
            terminal.Json("muster.pilot/1", PilotText.Json(pilot, new
            {
                outcome = "locked", exitCode = ExitCodes.Ok, why = (string?)null, locked = PilotText.Json(locked, locker), next = form.Next.Command("run"),
            }));
            return ExitCodes.Ok;
        }

        terminal.Line($"Locked {job.Name}@{locked.JobVersion} on {pilot.Run.Name}: {Figures.Percent(locked.PassRate)} of {Figures.Count(locked.Rows, "row")} passed.");
        terminal.Lines(PilotText.Lines(locked, locker));
        if (pilot.Unread > 0)
            terminal.Warn("Warning", $"{Figures.Count(pilot.Unread, "row")} of {pilot.Run.Name} nobody read; the lock stands. To read them: {Review(form)}, then lock again.");
        if (Unridden(job, path) is { } line)
            terminal.Say($"No run of {job.Name} carries these cases until the job file has the line: {line}");
        terminal.Next(form.Next.Stage(RunScope.KindOf(PilotStage.Dry)));
        terminal.Next(form.Next.Command("run"));
        return ExitCodes.Ok;
    }

    /// <summary>What a job file without <c>evals</c> lacks, so that its full runs carry gold rows; null when it has it.</summary>
    private static string? Unridden(Job job, string evalSet) => job.Evals is null ? $"evals: {{ set: {Path.GetFileName(evalSet)} }}" : null;

    private static string Review(Form form) => $"muster review --pilot{NextStep.JobOption(form.Job)}";

    private static async Task<PilotAccount> ReadAsync(Job job, Run run, CancellationToken cancellationToken)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job))!;
        return await new PilotReader(store, store.ArchiveFolder, Prices.Load()).ReadAsync(run, job.Pilot.Pass, cancellationToken);
    }

    private static void WriteHtml(Terminal terminal, PilotAccount pilot, string? path)
    {
        if (path is null)
            return;
        using (var file = new WholeFile(path))
        {
            PilotPage.Write(pilot, file.Text);
            file.Done();
        }

        terminal.Say($"wrote {path}");
    }

    private static int Print(Terminal terminal, RunEnd end, RunReport report, PilotAccount pilot, Form form)
    {
        var missed = pilot is { IsJudged: true, Report.Verdict: PilotVerdict.Missed };
        var exitCode = end.ExitCode == ExitCodes.Ok && missed ? ExitCodes.Unbalanced : end.ExitCode;
        var next = Next(end, pilot, missed, form).ToList();
        if (form.IsJson)
        {
            terminal.Json("muster.pilot/1", PilotText.Json(pilot, new
            {
                outcome = Figures.Snake(end.Outcome), exitCode, end.Why, ledger = RunJson.Ledger(report.Ledger), money = RunJson.Money(report.Usage), next = next[0],
            }));
            return exitCode;
        }

        if (end.Outcome != RunOutcome.NothingToDo && RunEnding.Sentence(end) is { } sentence)
            terminal.Line(sentence);
        if (end.Outcome == RunOutcome.NothingToDo)
            terminal.Line($"Nothing to do: {end.Run.Name} has every answer. To ask again: --anew; for other rows: --seed.");
        terminal.Lines(PilotText.Mix(pilot.Pick, terminal.OutWidth));
        terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
        terminal.Lines(PilotText.Lines(pilot, terminal.OutWidth));
        foreach (var step in next)
            terminal.Next(step);
        return exitCode;
    }

    /// <summary>What to type, in this order: a pilot is read before it is locked.</summary>
    private static IEnumerable<string> Next(RunEnd end, PilotAccount pilot, bool missed, Form form)
    {
        var (stage, next) = (RunScope.StageOf(pilot.Run.Kind), form.Next);
        if (stage == PilotStage.Pilot && end.Run.State == RunState.Done && pilot.Unread > 0)
            yield return Review(form);
        yield return end.Run.State != RunState.Done ? next.Stage(pilot.Run.Kind)
            : missed ? $"{next.Stage(pilot.Run.Kind)} --html pilot.html"
            : stage switch
            {
                PilotStage.Smoke => next.Command("pilot"),
                PilotStage.Pilot when pilot.Report.Verdict == PilotVerdict.Reached => $"{next.Command("pilot")} --lock",
                PilotStage.Pilot => next.Stage("dry"),
                _ => next.Command("run"),
            };
    }

    /// <param name="Job">The job file as it was named, or null for the only one here.</param>
    private sealed record Form(string? Job, NextStep Next, string? Html, bool IsJson);
}
