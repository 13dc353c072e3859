using System.CommandLine;
using Muster.Cli.Output;
using Muster.Drift;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>Compares a run as a whole with the last one that was promoted. Asks nothing of the remote.</summary>
internal static class DriftCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = Shared.Run();
        var against = new Option<string?>("--against") { Description = "Compare with this run instead of the last one promoted before it.", HelpName = "RUN" };
        var job = Shared.JobOption();
        var json = Shared.Json();
        var command = new ExampledCommand("drift", "Say what of a run as a whole differs from the last accepted one, slice by slice.",
            "muster drift", "muster drift r-3 --against r-1", "muster drift --json")
        {
            run, against, job, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            await using var store = StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
            var reader = new DriftReader(store, definition, terminal.Time);
            var chosen = await reader.ChooseAsync(parsed.GetValue(run), cancellationToken);
            var reference = parsed.GetValue(against) is { } name ? await reader.ChooseAsync(name, cancellationToken) : null;
            var account = await new StepProgress(terminal, "drift").FollowAsync(() => reader.ReadAsync(chosen, reference, cancellationToken));
            var next = DriftText.Next(account, chosen, parsed.GetValue(job), definition.Target is not null);
            if (parsed.GetValue(json))
                terminal.Json("muster.drift/1", DriftText.Json(account, next));
            else
                terminal.Lines(DriftText.Lines(account, parsed.GetValue(job), terminal.OutWidth));
            if (!parsed.GetValue(json) && next is not null)
                terminal.Next(next);
            return account.Report.Blocks ? ExitCodes.Unbalanced : ExitCodes.Ok;
        });
        return command;
    }
}
