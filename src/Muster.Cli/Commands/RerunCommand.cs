using System.CommandLine;
using Muster.Alerts;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Asks some rows of a full run again, as a run of their own.</summary>
internal static class RerunCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var select = new Option<string?>("--select") { Description = "Which rows (docs/selectors.md). Left out, the unfinished rerun goes on.", HelpName = "EXPR" };
        var run = new Option<string?>("--run") { Description = "Select from this full run instead of the last one.", HelpName = "RUN" };
        var with = new Option<string?>("--job") { Description = "Ask with the prompt, tiers and contract of this job file.", HelpName = "FILE" };
        var version = new Option<string?>("--job-version") { Description = "Ask with those of an earlier run, by its job's version or the beginning of it.", HelpName = "VERSION" };
        var plan = new Option<bool>("--plan") { Description = "Show rows, tokens and money, and do nothing." };
        var hash = new Option<string?>("--selection") { Description = "The hash that --plan showed: refuse other rows.", HelpName = "HASH" };
        var yes = new Option<bool>("--yes") { Description = "Ask every row again when the selector is `all`." };
        var unpiloted = new Option<bool>("--unpiloted") { Description = "Ask every row although no pilot of this version is locked; the run records it." };
        var source = Shared.Source();
        var timeout = Shared.Duration("--timeout", "Stop waiting after so long, with exit code 75; the work goes on at the remote.");
        var json = Shared.Json();
        var command = new ExampledCommand("rerun", "Ask some rows of a run again, freezing which they are; the rest is not touched.",
            "muster rerun --select 'state:quarantined reason:SHP.*' --plan", "muster rerun --select '/category:\"Toys\" slice:script=Latin' --job catalog-examples.job.yaml",
            "muster rerun --select key:@keys.txt --selection 3f2a9c1e5b7d8f60a1b2c3d4e5f60718", "muster rerun")
        {
            job, select, run, with, version, plan, hash, yes, unpiloted, source, timeout, json,
        };
        Shared.Exclude(command, with, version);
        Shared.Exclude(command, plan, hash, timeout);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job), parsed.GetValue(source));
            var form = new Form(new NextStep(parsed.GetValue(job), definition.Target is not null), parsed.GetValue(plan), parsed.GetValue(json),
                string.Concat(new[] { ("--run", parsed.GetValue(run)), ("--job", parsed.GetValue(with)), ("--job-version", parsed.GetValue(version)), ("--source", parsed.GetValue(source)) }
                    .Where(option => option.Item2 is not null).Select(option => $" {option.Item1} {NextStep.Quoted(option.Item2!)}")),
                // What an earlier run was asked with stands in no file that a pilot could read.
                parsed.GetValue(version) is not null ? null
                    : NextStep.Command("pilot", parsed.GetValue(with) ?? parsed.GetValue(job)) + (parsed.GetValue(source) is { } rows ? $" --source {NextStep.Quoted(rows)}" : ""));
            definition = await DefinitionAsync(definition, parsed.GetValue(with), parsed.GetValue(version), form, cancellationToken);
            var request = parsed.GetValue(select) is { } text
                ? new RerunRequest(definition, Selector.Parse(text), parsed.GetValue(run)) { Actor = Environment.UserName, Hash = parsed.GetValue(hash), MayBeEverything = parsed.GetValue(yes) || parsed.GetValue(plan), Unpiloted = parsed.GetValue(unpiloted) }
                : null;
            var options = PipelineOptions.FromEnvironment() with
            {
                Scope = RunScope.Rerun, AsOpened = request is null, Timeout = parsed.GetValue(timeout), Alerts = AlertOptions.FromEnvironment(definition),
            };
            return await RunAsync(terminal, definition, request, options, form, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(Terminal terminal, Job job, RerunRequest? request, PipelineOptions options, Form form, CancellationToken cancellationToken)
    {
        var opened = await PlanAsync(terminal, job, request, form, cancellationToken);
        if (form.IsPlan)
            return ExitCodes.Ok;
        if (opened is not null)
        {
            await using var store = SqliteStore.Open(StoreFolder.Of(job), $"open a rerun of {job.Name}", terminal.Time);
            // The rows that were shown, whatever was written since.
            await new Rerunner(store, terminal.Time).OpenAsync(request! with { Hash = request.Hash ?? opened.Frozen.Hash }, options.Chance, cancellationToken);
        }

        await using var follower = new RunFollower(terminal, StoreFolder.Of(job), job.Name);
        try
        {
            var (end, report) = await RunCommand.FollowAsync(follower, job, ClaudeOptions.FromEnvironment(), options, cancellationToken);
            var next = form.Next.Of(report);
            if (form.IsJson)
            {
                terminal.Json("muster.rerun/1", Json(opened, Result(Figures.Snake(end.Outcome), end.ExitCode, end.Why, report), next));
                return end.ExitCode;
            }

            if (RunEnding.Sentence(end) is { } sentence)
                terminal.Line(sentence);
            terminal.Lines(RunSummary.Lines(report, terminal.OutWidth));
            terminal.Next(next);
            return end.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (form.IsJson && follower.Read(ReportScope.Full) is { } report)
                terminal.Json("muster.rerun/1", Json(opened, Result("detached", ExitCodes.Detached, null, report), form.Next.Of(report)));
            terminal.Say(follower.Left("The rerun", form.Next.Command("rerun")));
            return ExitCodes.Detached;
        }
    }

    /// <summary>What would be opened, or null when an unfinished rerun goes on.</summary>
    private static async Task<RerunPlan?> PlanAsync(Terminal terminal, Job job, RerunRequest? request, Form form, CancellationToken cancellationToken)
    {
        await using var store = StatusCommand.OpenRun(job, form.Next);
        var rerunner = new Rerunner(store, terminal.Time);
        if (await rerunner.UnfinishedAsync(job.Name, cancellationToken) is { } open)
        {
            // The same command goes on with what it began.
            if (!form.IsPlan && (request is null || (request.Selector.ToString() == open.Selection.Query && JobVersion.Of(job) == open.Run.JobVersion)))
                return null;
            throw new OtherRunException(open.Run.Name, open.Run.Kind, RunKinds.Rerun);
        }

        if (request is null)
            throw new UsageException("There is no unfinished rerun to go on with, and --select does not say which rows.", $"{form.Next.Command("rerun")} --select state:quarantined --plan");
        var plan = await new StepProgress(terminal, "rerun").FollowAsync(() => rerunner.PlanAsync(request, cancellationToken));
        var next = plan.NeedsPilot && form.Pilot is { } pilot ? pilot
            : $"{form.Next.Command("rerun")}{form.Same} --select {Shell.Quoted(plan.Selector.ToString())} --selection {plan.Frozen.Hash}{(plan.Selector.Terms.Count == 0 ? " --yes" : "")}";
        if (!form.IsJson)
            terminal.Lines(RerunText.Lines(plan, job.Source.Key.Sensitive, terminal.OutWidth));
        else if (form.IsPlan)
            terminal.Json("muster.rerun/1", Json(plan, null, next));
        if (form.IsPlan && !form.IsJson)
            terminal.Next(next);
        return plan;
    }

    /// <summary>The job, asked with another prompt, other tiers or another contract where that was said; source and target stay its own.</summary>
    private static async Task<Job> DefinitionAsync(Job job, string? file, string? version, Form form, CancellationToken cancellationToken)
    {
        if (file is not null)
            return As(job, Shared.Load(file));
        if (version is null)
            return job;
        await using var store = StatusCommand.OpenRun(job, form.Next);
        var runs = await store.RunsOfAsync(job.Name, cancellationToken);
        var versions = runs.Select(run => run.JobVersion).Distinct().Where(known => known.StartsWith(version, StringComparison.Ordinal)).ToList();
        return versions.Count == 1
            ? As(job, JobSnapshot.FromJson(runs.Last(run => run.JobVersion == versions[0]).Snapshot))
            : throw new UsageException($"{job.Name} has {(versions.Count == 0 ? "no version" : "several versions")} {Excerpt.Quoted(version)}.",
                $"Name one of {Excerpt.List([.. runs.Select(run => run.JobVersion).Distinct()])}.");
    }

    private static Job As(Job job, Job other) => other.Name == job.Name
        ? job with { Prompt = other.Prompt, Tiers = other.Tiers, Contract = other.Contract }
        : throw new UsageException($"The job file given with --job is of the job {Excerpt.Quoted(other.Name)}, not {Excerpt.Quoted(job.Name)}.", $"Write `job: {job.Name}` in it: a version of a job has its name.");

    private static object Result(string outcome, int exitCode, string? why, RunReport report) => new
    {
        outcome, exitCode, why, run = RunJson.Run(report.Run), ledger = RunJson.Ledger(report.Ledger), money = RunJson.Money(report.Usage), reasons = RunJson.Reasons(report),
    };

    private static object Json(RerunPlan? plan, object? result, string next) => new { plan = plan is null ? null : RerunText.Json(plan), result, next };

    /// <param name="Same">Options that say which rows and how they are asked, as they were given.</param>
    /// <param name="Pilot">The command that pilots what would be asked; null where there is none.</param>
    private sealed record Form(NextStep Next, bool IsPlan, bool IsJson, string Same, string? Pilot);
}
