using System.CommandLine;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>Counts everything again and compares it with the books; exit code 3 when anything does not balance.</summary>
internal static class ReconcileCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var offline = new Option<bool>("--offline") { Description = "Do not ask the service for its list of batches." };
        var json = Shared.Json();
        var command = new ExampledCommand("reconcile", "Count everything again: rows, batches, archives, intents, the remote's list and the target. Exit code 3 when anything differs.",
            "muster reconcile", "muster reconcile catalog.job.yaml --offline --json")
        {
            job, offline, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            await using var store = StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
            using var remote = Remote(parsed.GetValue(offline), out var skipped);
            var target = definition.Target is { } spec ? Targets.Open(spec, terminal.Time) : null;
            var result = await new Reconciler(store, terminal.Time).ReconcileAsync(remote, skipped, target, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.reconcile/1", result);
            else
                Print(terminal, result);
            Talk(terminal, result, NextStep.Command("report", parsed.GetValue(job)));
            return result.Balances ? ExitCodes.Ok : ExitCodes.Unbalanced;
        });
        return command;
    }

    private static BatchesClient? Remote(bool isOffline, out string? skipped)
    {
        skipped = isOffline ? "--offline was given"
            : string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY")) ? "ANTHROPIC_API_KEY is not set"
            : null;
        return skipped is null ? new BatchesClient(ClaudeOptions.FromEnvironment()) : null;
    }

    private static void Print(Terminal terminal, Reconciliation result)
    {
        foreach (var equation in result.Equations)
            terminal.Line($"{(equation.Holds ? "ok  " : "DIFF")} {equation.Of}: {Figures.Clean(equation.Text)}");
        if (result.RemoteSkipped is { } remote)
            terminal.Line($"skip remote: {Figures.Clean(remote)}");
        if (result.TargetSkipped is { } target)
            terminal.Line($"skip target: {Figures.Clean(target)}");
    }

    private static void Talk(Terminal terminal, Reconciliation result, string report)
    {
        foreach (var notice in result.Notices)
            terminal.Warn("Notice", $"{notice.Of}: {notice.Text}. {notice.Hint}");
        var hint = $"Keep the store's folder as it is and look at the rows concerned with `{report}`; nothing was changed.";
        var broken = result.Equations.Where(equation => !equation.Holds).Select(equation => $"{equation.Of}: {equation.Text} does not hold");
        Invocation.Errors(terminal, [.. result.Differences.Concat(broken).Select(difference => new Refusal(difference, hint))]);
        if (result.Balances)
            terminal.Next(report);
    }
}
