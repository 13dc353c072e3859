using System.CommandLine;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;
using Muster.Review;

namespace Muster.Cli.Commands;

/// <summary>Rows that people decide: in the terminal by keys, or one command at a time by a script.</summary>
internal static class ReviewCommand
{
    public static Command Create(Terminal terminal)
    {
        var where = new ReviewWhere(Shared.Run());
        var wants = new ReviewWantsOptions();
        var json = Shared.Json();
        var command = new ExampledCommand("review", "Decide the rows that wait for a person, source beside output, by keys.",
            "muster review", "muster review r-2 --as ada", "muster review --pilot", "muster review --at-least 60", "muster review --select slice:script=Latin", "muster review next --json", "muster review decide p-00042 --accept")
        {
            ReviewListCommand.Create(terminal), ReviewNextCommand.Create(terminal), ReviewDecideCommand.Create(terminal), ReviewUndoCommand.Create(terminal),
            ReviewLogCommand.Create(terminal), ReviewStatusCommand.Create(terminal), json,
        };
        where.AddTo(command);
        wants.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!terminal.CanAsk)
            {
                throw new UsageException("Reviewing by keys needs a terminal, and this is none.",
                    "Use the forms for scripts: `muster review next --json`, then `muster review decide KEY --accept` (or --reject, --edit, --set, --rerun, --unsure).");
            }

            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            await wants.FillAsync(terminal, parsed, desk, where, cancellationToken);
            await wants.RestrictAsync(terminal, parsed, desk, cancellationToken);
            var flow = new ReviewFlow(terminal, desk, new ConsoleKeys(terminal.Time));
            var done = await flow.RunAsync(cancellationToken);
            var account = await where.AccountAsync(terminal, parsed, desk);
            if (parsed.GetValue(json))
                terminal.Json("muster.review/1", new { run = desk.Run.Name, decided = done, account = ReviewText.Form(account) });
            else
                terminal.Lines([ReviewText.Session(done), .. ReviewText.Lines(desk.Run, account)]);
            terminal.Next(where.After(parsed, account, desk.Run));
            return ExitCodes.Ok;
        });
        return command;
    }
}
