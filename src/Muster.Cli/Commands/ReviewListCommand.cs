using System.CommandLine;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;
using Muster.Review;
using Muster.Stores;

namespace Muster.Cli.Commands;

/// <summary>What waits for a person.</summary>
internal static class ReviewListCommand
{
    private const int MaxListed = 50;

    public static Command Create(Terminal terminal)
    {
        var where = new ReviewWhere();
        var wants = new ReviewWantsOptions();
        var json = Shared.Json();
        var command = new ExampledCommand("list", "List the rows that wait for a person, in the order of the queue.", "muster review list", "muster review list --run r-2 --json") { json };
        where.AddTo(command);
        wants.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            try
            {
                await wants.FillAsync(terminal, parsed, desk, where, cancellationToken);
            }
            catch (StoreHeldException held)
            {
                terminal.Say($"{held.Message} What it added since is not in the list.");
            }

            await wants.RestrictAsync(terminal, parsed, desk, cancellationToken);
            await using var store = where.Read(parsed);
            var lines = store.WaitingLines(desk.Run.Id).Where(line => desk.HandsOut(line.Item));
            if (parsed.GetValue(json))
            {
                terminal.Json("muster.review/1", new { run = desk.Run.Name, waiting = lines.Select(line => Form(line, desk)).ToList() });
                return ExitCodes.Ok;
            }

            var table = new Columns("lllll").Add("row", "line", "state", "reason", "with");
            var count = 0;
            foreach (var line in lines)
            {
                if (++count > MaxListed)
                    continue;
                table.Add(Figures.Fit(Figures.Clean(Name(line, desk)), 40), Figures.Clean(line.Line), line.Item.State == ReviewState.Escalated ? "escalated" : ReviewText.Word(line.RowState),
                    Figures.Fit(Figures.Clean(line.Reason ?? ""), 40), With(line, terminal.Time.GetUtcNow()));
            }

            terminal.Line($"{desk.Run.Name}: {Figures.Count(count, "row")} wait{(count == 1 ? "s" : "")} for a person");
            if (count > 0)
                terminal.Lines(table.Lines(terminal.OutWidth));
            if (count > MaxListed)
                terminal.Line($"  and {Figures.Count(count - MaxListed)} more; --json lists all");
            terminal.Next(count > 0 ? "muster review" : "muster review status");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Name(ReviewLine line, ReviewDesk desk) => desk.Definition.Source.Key.Sensitive ? line.Line : line.Key ?? line.Line;

    private static string With(ReviewLine line, DateTimeOffset now) =>
        line.Item.LeaseBy is { } by && line.Item.LeaseUntil > now ? $"{Figures.Clean(by)} until {line.Item.LeaseUntil:HH:mm:ss}Z" : "";

    private static object Form(ReviewLine line, ReviewDesk desk) => new
    {
        row = Name(line, desk), line.Line, state = line.RowState, line.Reason, kind = line.Item.Kind, queue = line.Item.State,
        line.Item.LeaseBy, line.Item.LeaseUntil,
    };
}
