using System.CommandLine;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;

namespace Muster.Cli.Commands;

/// <summary>Hands one row out, under a lease.</summary>
internal static class ReviewNextCommand
{
    public static Command Create(Terminal terminal)
    {
        var where = new ReviewWhere();
        var wants = new ReviewWantsOptions();
        var json = Shared.Json();
        var command = new ExampledCommand("next", "Take the next row that waits, with a lease of 10 minutes, and print it.", "muster review next --json --as ada") { json };
        where.AddTo(command);
        wants.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            await wants.FillAsync(terminal, parsed, desk, where, cancellationToken);
            await wants.RestrictAsync(terminal, parsed, desk, cancellationToken);
            var card = await desk.NextAsync(cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.review/1", new { run = desk.Run.Name, row = card is null ? null : ReviewText.Form(card, desk) });
            else if (card is null)
                terminal.Line($"{desk.Run.Name}: nothing waits for {Figures.Clean(desk.Reviewer)}.");
            else
                terminal.Lines(ReviewScreen.Plain(card, desk));
            terminal.Next(card is null ? "muster review status" : $"muster review decide {where.NameOf(card, desk)} --accept --lease {card.Item!.LeaseNumber}{where.Rest(parsed)}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
