using System.CommandLine;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;

namespace Muster.Cli.Commands;

/// <summary>Takes a decision back.</summary>
internal static class ReviewUndoCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = "A row's key, for the last thing decided of it, or a decision as `d-7`." };
        var where = new ReviewWhere();
        var json = Shared.Json();
        var command = new ExampledCommand("undo", "Take a decision back: its rows stand again as they stood.", "muster review undo p-00042", "muster review undo d-7 --as ada") { name, json };
        where.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            var given = parsed.GetValue(name)!;
            var made = await desk.UndoAsync(given, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.review/1", new { run = desk.Run.Name, undone = made.Decision, made.Rows });
            else
                terminal.Line(made.Decision is { } decision ? $"{decision} is taken back: {Figures.Count(made.Rows, "row")} as before." : $"The vote on {Figures.Clean(given)} is taken back.");
            terminal.Next($"muster review list{where.Rest(parsed)}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
