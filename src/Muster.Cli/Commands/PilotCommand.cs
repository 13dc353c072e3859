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

    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var stage = new Option<string>("--stage") { Description = "smoke (8 rows), pilot (pilot.rows of the job) or dry (500).", HelpName = "STAGE", DefaultValueFactory = _ => "pilot" };
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
            "muster pilot --stage smoke", "muster pilot --html pilot.html", "muster pilot catalog.job.yaml --rows 200 --seed 7 --json", "muster pilot --lock")
        {
            job, stage, rows, seed, html, anew, source, timeout, locks, json,
        };
        Shared.Bound(rows, 1, 10_000, "--rows is a whole number from 1 to 10,000.");
        Shared.Exclude(command, locks, stage, rows, seed, anew, timeout);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job), parsed.GetValue(source));
            // Before anything is asked: a page that cannot be written must not cost a pilot.
            Shared.RefuseUnwritable(parsed.GetValue(html));
            var form = new Form(new NextStep(parsed.GetValue(job), definition.Target is not null), parsed.GetValue(html), parsed.GetValue(json));
            if (parsed.GetValue(locks))
                return await LockAsync(terminal, definition, form, cancellationToken);
            var scope = new RunScope(Enum.Parse<PilotStage>(parsed.GetValue(stage)!, ignoreCase: true)) { Rows = parsed.GetValue(rows), Seed = parsed.GetValue(seed) };
            var options = PipelineOptions.FromEnvironment() with
            {
                Scope = scope, Timeout = parsed.GetValue(timeout), Anew = parsed.GetValue(anew), Alerts = Alerts.AlertOptions.FromEnvironment(definition),
            };
            return await RunAsync(terminal, definition, options, form, cancellationToken);
        });
        return command;
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
            terminal.Say($"{follower.Run ?? "Nothing was begun; the run"} goes on at the remote: {form.Next.Stage(options.Scope.Kind)}");
            return ExitCodes.Detached;
        }
    }

    private static async Task<int> LockAsync(Terminal terminal, Job job, Form form, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(StoreFolder.Of(job), "muster.db")))
            throw new UsageException($"{job.Name} has not been run yet.", form.Next.Command("pilot"));
        PilotLock locked;
        string path;
        string? kept;
        PilotAccount pilot;
        await using (var store = SqliteStore.Open(StoreFolder.Of(job), $"lock the pilot of {job.Name}", terminal.Time))
        {
            var reader = new PilotReader(store, store.ArchiveFolder, Prices.Load());
            var locker = new PilotLocker(store, reader, job, Environment.UserName, terminal.Time);
            (locked, path, kept) = (await locker.LockAsync(cancellationToken), locker.EvalSetPath, locker.KeptPath);
            pilot = await reader.ReadAsync(await store.RunAsync(locked.RunId, cancellationToken), job.Pilot.Pass, cancellationToken);
        }

        WriteHtml(terminal, pilot, form.Html);
        if (form.IsJson)
        {
            terminal.Json("muster.pilot/1", PilotText.Json(pilot, new
            {
                outcome = "locked", exitCode = ExitCodes.Ok, why = (string?)null, locked = PilotText.Json(locked, path), next = form.Next.Command("run"),
            }));
            return ExitCodes.Ok;
        }

        terminal.Line($"Locked {job.Name}@{locked.JobVersion} on {pilot.Run.Name}: {Figures.Percent(locked.PassRate)} of {Figures.Count(locked.Rows, "row")} passed.");
        terminal.Line($"  eval set {path}, sha256 {locked.EvalSetSha256}");
        if (kept is not null)
            terminal.Line($"  the set that was there is kept as {kept}");
        terminal.Next(form.Next.Command("run"));
        return ExitCodes.Ok;
    }

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
        var next = Next(end, pilot, missed, form.Next);
        if (form.IsJson)
        {
            terminal.Json("muster.pilot/1", PilotText.Json(pilot, new
            {
                outcome = Figures.Snake(end.Outcome), exitCode, end.Why, ledger = RunJson.Ledger(report.Ledger), money = RunJson.Money(report.Usage), next,
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
        terminal.Next(next);
        return exitCode;
    }

    private static string Next(RunEnd end, PilotAccount pilot, bool missed, NextStep next)
    {
        var stage = RunScope.StageOf(pilot.Run.Kind);
        return end.Run.State != RunState.Done ? next.Stage(pilot.Run.Kind)
            : missed ? $"{next.Stage(pilot.Run.Kind)} --html pilot.html"
            : stage switch
            {
                PilotStage.Smoke => next.Command("pilot"),
                PilotStage.Pilot when pilot.Report.Verdict == PilotVerdict.Reached => $"{next.Command("pilot")} --lock",
                PilotStage.Pilot => next.Stage("dry"),
                _ => next.Command("run"),
            };
    }

    private sealed record Form(NextStep Next, string? Html, bool IsJson);
}
