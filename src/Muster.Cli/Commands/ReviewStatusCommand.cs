using System.CommandLine;
using Muster.Cli.Reviewing;
using Muster.Cli.Output;

namespace Muster.Cli.Commands;

/// <summary>How far a run's review is, and how many of the rows that passed are wrong.</summary>
internal static class ReviewStatusCommand
{
    public static Command Create(Terminal terminal)
    {
        var where = new ReviewWhere();
        var json = Shared.Json();
        var command = new ExampledCommand("status", "Show what waits, what was decided, and the defect rate of the rows that passed.", "muster review status", "muster review status --json | jq .account.defects") { json };
        where.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            var account = await where.AccountAsync(terminal, parsed, desk);
            if (parsed.GetValue(json))
                terminal.Json("muster.review/1", new { run = desk.Run.Name, account = ReviewText.Form(account) });
            else
                terminal.Lines(ReviewText.Lines(desk.Run, account));
            terminal.Next(where.After(parsed, account, desk.Run));
            return ExitCodes.Ok;
        });
        return command;
    }
}
