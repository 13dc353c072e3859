using System.CommandLine;
using Muster.Alerts;
using Muster.Checks;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Looks at what surrounds a job: runtime, store, disk, key, service, prices, open batches.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var offline = new Option<bool>("--offline") { Description = "Ask nothing of the network." };
        var alert = new Option<bool>("--alert") { Description = "Send the job's alert when results are about to be lost; for a daily schedule." };
        var json = Shared.Json();
        var command = new ExampledCommand("doctor", "Look at the surroundings: runtime, store, disk, key, service, prices, open batches.",
            "muster doctor", "muster doctor catalog.job.yaml --offline", "muster doctor --alert")
        {
            job, offline, alert, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var doctor = new Doctor(new DoctorOptions { Time = terminal.Time, Offline = parsed.GetValue(offline) });
            var definition = Find(parsed.GetValue(job));
            var report = await doctor.ExamineAsync(definition, Environment.CurrentDirectory, cancellationToken);
            if (parsed.GetValue(alert) && definition is not null)
                await AlertAsync(terminal, definition, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.doctor/1", new { healthy = report.IsHealthy, report.Lines });
            else
                terminal.Lines(report.Lines.Select(line => $"{Figures.Snake(line.Status),-4} {line.Name}: {Figures.Clean(line.Found)}"));
            Invocation.Errors(terminal, [.. report.Lines.Where(line => line.Status == DoctorStatus.Fail)
                .Select(line => new Refusal($"{line.Name}: {line.Found}", line.Next ?? ""))]);
            foreach (var line in report.Lines.Where(line => line.Status == DoctorStatus.Warn))
                terminal.Warn("Warning", $"{line.Name}: {line.Found}. {line.Next}");
            if (report.IsHealthy)
                terminal.Next(definition is null ? "muster init" : NextStep.Command("check", parsed.GetValue(job)));
            return report.IsHealthy ? ExitCodes.Ok : ExitCodes.Error;
        });
        return command;
    }

    private static async Task AlertAsync(Terminal terminal, Job job, CancellationToken cancellationToken)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job));
        if (store is null)
            return;
        var told = new Told(terminal);
        using var listener = new AlertListener(job, store, store.Folder, new PipelineOptions
        {
            Time = terminal.Time, Alerts = AlertOptions.FromEnvironment(job), Progress = told,
        });
        foreach (var run in (await store.RunsAsync(cancellationToken)).Where(run => run.Job == job.Name))
            await listener.For(run).LookForExpiringAsync(terminal.Time.GetUtcNow());
        await listener.DrainAsync();
    }

    private sealed class Told(Terminal terminal) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => terminal.RawTalk.WriteLine(PlainLine.Of(value, null));
    }

    /// <summary>The job that was named, or the only one here; none is fine.</summary>
    private static Job? Find(string? path) =>
        path is null && Directory.GetFiles(Environment.CurrentDirectory, "*.job.yaml").Length != 1 ? null : Shared.Load(path);
}
