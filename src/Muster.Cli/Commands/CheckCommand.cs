using System.CommandLine;
using Muster.Checks;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Finds everything wrong with a job before anything is sent, and says what a run would send and cost.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var source = Shared.Source();
        var rows = new Option<long?>("--rows") { Description = "Read only so many records of the source.", HelpName = "N" };
        Shared.Bound(rows, 1, long.MaxValue, "--rows is a number, 1 or more.");
        var json = Shared.Json();
        var command = new ExampledCommand("check", "Check a job, its source and its target, and forecast what a run would send and cost. Sends nothing.",
            "muster check", "muster check catalog.job.yaml --source products-march.csv", "muster check --rows 1000")
        {
            job, source, rows, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await CheckAsync(terminal, parsed.GetValue(job), parsed.GetValue(source), parsed.GetValue(rows), cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.check/1", Form(report));
            else
                terminal.Lines(Lines(report, terminal.OutWidth));
            Talk(terminal, report);
            if (report.IsRunnable)
                terminal.Next(NextStep.Command(await NextAsync(Shared.Load(parsed.GetValue(job)), report.Version, cancellationToken), parsed.GetValue(job)));
            return report.IsRunnable ? ExitCodes.Ok : ExitCodes.Error;
        });
        return command;
    }

    private static async Task<CheckReport> CheckAsync(
        Terminal terminal, string? path, string? source, long? rows, CancellationToken cancellationToken)
    {
        Job job;
        try
        {
            job = Shared.Load(path, source);
        }
        catch (JobFileException refusal)
        {
            return Checker.Unreadable(refusal);
        }

        var progress = new StepProgress(terminal, "check");
        var options = new CheckOptions { Time = terminal.Time, Records = rows, Progress = new Counter(progress) };
        return await progress.FollowAsync(() => Checker.CheckAsync(job, options, cancellationToken));
    }

    private static IEnumerable<string> Lines(CheckReport report, int width)
    {
        if (report.Job.Length > 0)
            yield return $"{report.Job}@{report.Version}";
        if (report.Source is { } source)
        {
            foreach (var line in Lines(source))
                yield return line;
        }

        if (report.Forecast is { } forecast)
        {
            foreach (var line in Lines(forecast, width))
                yield return line;
        }
    }

    private static IEnumerable<string> Lines(SourceCheck source)
    {
        var merged = source.Merged > 0 ? $" + {Figures.Count(source.Merged)} merged with rows of the same content" : "";
        yield return $"  {(source.IsSample ? "the first " : "")}{Figures.Count(source.Records, "record")} = {Figures.Count(source.Askable, "row")} to ask"
            + $" + {Figures.Count(source.SetAsideRows)} set aside{merged}";
        yield return $"  columns {string.Join(", ", source.Columns.Take(20).Select(Figures.Clean))}{(source.Columns.Count > 20 ? $" and {source.Columns.Count - 20} more" : "")}";
        if (source.HashedKeys > 0)
            yield return $"  {Figures.Count(source.HashedKeys)} keys go into ids as hashes: too long, not of A-Z a-z 0-9 _ -, or called sensitive";
        if (!source.AreDuplicatesComplete)
            yield return $"  duplicate keys are counted among the first {Figures.Count(KeyCensus.DefaultMost)} keys; the run finds every one";
        foreach (var reason in source.SetAside)
        {
            yield return $"  {Figures.Count(reason.Rows)} {Figures.Clean(reason.Reason)}";
            foreach (var place in reason.Places)
                yield return $"    {Figures.Clean(place)}";
        }
    }

    internal static IEnumerable<string> Lines(Forecast forecast, int width)
    {
        yield return $"  {Figures.Count(forecast.Requests, "request")} in {Figures.Count(forecast.Batches, "batch")}, {Figures.Count(forecast.BodyBytes)} bytes;"
            + $" the largest {Figures.Count(forecast.LargestRequestBytes)} bytes at {Figures.Clean(forecast.LargestAt ?? "")}";
        var table = new Columns("rlrrrrr").Add("tier", "model", "requests", "input tokens", "output tokens", "batch", "synchronous");
        foreach (var tier in forecast.Tiers)
        {
            table.Add($"{tier.Tier}", Figures.Clean(tier.Model), Figures.Count(tier.Requests), Figures.Count(tier.InputTokens),
                Figures.Count(tier.OutputTokens), Usd.Text(tier.BatchPicoUsd), Usd.Text(tier.SyncPicoUsd));
        }

        table.Add("all", "", Figures.Count(forecast.Tiers.Sum(tier => tier.Requests)), Figures.Count(forecast.Tiers.Sum(tier => tier.InputTokens)),
            Figures.Count(forecast.Tiers.Sum(tier => tier.OutputTokens)), Usd.Text(forecast.BatchPicoUsd), Usd.Text(forecast.SyncPicoUsd));
        foreach (var line in table.Lines(width))
            yield return line;
        var share = forecast.Tiers.Count > 1 ? $"each further tier is assumed to be asked about {Figures.Percent(forecast.EscalatedShare)} of the rows before it; " : "";
        yield return $"  estimated: {share}tokens from the text of {Figures.Count(forecast.SampledRows, "row")}; prices as of {forecast.PricesAsOf:yyyy-MM-dd}";
    }

    private static void Talk(Terminal terminal, CheckReport report)
    {
        Invocation.Errors(terminal, [.. report.Findings.Where(finding => finding.Severity == CheckSeverity.Fault)
            .Select(finding => new Refusal(finding.ToString(), finding.Hint))]);
        foreach (var finding in report.Findings.Where(finding => finding.Severity != CheckSeverity.Fault))
            terminal.Warn($"{finding.Severity}", $"{finding}. {finding.Hint}");
    }

    /// <summary>A version that must be piloted first is, where it is not.</summary>
    private static async Task<string> NextAsync(Job job, string version, CancellationToken cancellationToken)
    {
        if (!job.Pilot.Required)
            return "run";
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job));
        return store is null || await store.PilotLockAsync(job.Name, version, cancellationToken) is null ? "pilot" : "run";
    }

    private static object Form(CheckReport report) => new
    {
        runnable = report.IsRunnable, report.Job, jobVersion = report.Version,
        findings = report.Findings,
        source = report.Source is not { } source ? null : new
        {
            source.Paths, source.Columns, source.Records, source.Merged, source.Rows, source.Askable, setAsideRows = source.SetAsideRows,
            source.HashedKeys, isSample = source.IsSample, duplicatesComplete = source.AreDuplicatesComplete, source.SetAside,
        },
        forecast = Form(report.Forecast),
    };

    internal static object? Form(Forecast? forecast) => forecast is null ? null : new
    {
        forecast.Requests, forecast.Batches, forecast.BodyBytes, forecast.LargestRequestBytes, forecast.LargestAt, forecast.SampledRows,
        forecast.EscalatedShare, pricesAsOf = forecast.PricesAsOf,
        tiers = forecast.Tiers.Select(tier => new
        {
            tier.Tier, tier.Model, tier.Requests, tier.SharedTokens, tier.InputTokens, tier.OutputTokens,
            batchUsd = Usd.Of(tier.BatchPicoUsd), syncUsd = Usd.Of(tier.SyncPicoUsd),
        }),
        batchUsd = Usd.Of(forecast.BatchPicoUsd), syncUsd = Usd.Of(forecast.SyncPicoUsd), reservedUsd = Usd.Of(forecast.ReservedPicoUsd),
    };

    private sealed class Counter(StepProgress progress) : IProgress<CheckProgress>
    {
        public void Report(CheckProgress value) => progress.Say($"{Figures.Count(value.Records, "record")} read");
    }
}
