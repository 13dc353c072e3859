using System.CommandLine;
using Muster.Cli.Output;
using Muster.Cli.Reviewing;
using Muster.Review;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>Who did what, when, with which rows, before and after.</summary>
internal static class ReviewLogCommand
{
    public static Command Create(Terminal terminal)
    {
        var key = new Argument<string?>("key") { Description = "Only what was done with this row, with its output before and after.", Arity = ArgumentArity.ZeroOrOne };
        var where = new ReviewWhere();
        var json = Shared.Json();
        var command = new ExampledCommand("log", "List who decided what, and when.", "muster review log", "muster review log p-00042 --json") { key, json };
        where.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var desk = await where.OpenAsync(terminal, parsed, cancellationToken);
            await using var store = where.Read(parsed);
            var name = parsed.GetValue(key);
            var card = name is null ? null : store.Card(desk.Run.Id, name) ?? throw new UsageException($"{desk.Run.Name} has no row {Excerpt.Quoted(name)}.", "Give a key as the source has it.");
            var row = card?.RowId;
            var back = card?.Key is { } own ? await RolledBack.FindAsync(terminal, desk, own, cancellationToken) : null;
            var log = store.ReviewLog(desk.Run.Id, row);
            if (parsed.GetValue(json))
            {
                terminal.Json("muster.review/1", new { run = desk.Run.Name, events = log.Select(told => Form(told, desk)).ToList(), rolledBack = back?.PromotionId });
                return ExitCodes.Ok;
            }

            foreach (var told in log)
            {
                terminal.Line($"{Figures.Clock(told.At)} {Figures.Clean(told.Actor)} {Figures.Words(told.Kind)} {Figures.Clean(Name(told, desk) ?? "")}{(told.Decision is { } decision ? $" {decision}" : "")}: "
                    + $"{told.Detail}{Moved(told.Before, told.After)}");
                if (row is not null && told.OutputAfter is { } after)
                    terminal.Lines([$"  before {Figures.Clean(told.OutputBefore ?? "–")}", $"  after  {Figures.Clean(after)}"]);
            }

            if (back is not null)
                terminal.Line($"{ReviewText.TakenBack(back, name!)}.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Moved(RowState? before, RowState? after) => before is { } from && after is { } to && from != to ? $", {ReviewText.Word(from)} → {ReviewText.Word(to)}" : "";

    private static string? Name(LoggedEvent told, ReviewDesk desk) => desk.Definition.Source.Key.Sensitive ? told.Line : told.Key ?? told.Line;

    private static object Form(LoggedEvent told, ReviewDesk desk) => new
    {
        told.Id, told.At, told.Actor, kind = told.Kind, row = Name(told, desk), told.Decision, told.Detail, told.Before, told.After, told.OutputBefore, told.OutputAfter,
    };
}
