using System.CommandLine;
using Muster.Review;
using Muster.Selections;

namespace Muster.Cli.Reviewing;

/// <summary>What is put into the queue before a row is taken out of it.</summary>
internal sealed class ReviewWantsOptions
{
    private const double MaxShare = 0.9;

    private readonly Option<double> sample = new("--sample")
    {
        Description = "Share of the queue that is drawn at random from the accepted rows, 0 to 0.9.", HelpName = "SHARE", DefaultValueFactory = _ => ReviewSample.Share,
    };

    private readonly Option<long> atLeast = new("--at-least") { Description = "Draw so many accepted rows at least.", HelpName = "N", DefaultValueFactory = _ => 0 };

    private readonly Option<string?> issue = new("--issue") { Description = "Put the quarantined rows of this issue into the queue too.", HelpName = "ISSUE" };

    private readonly Option<string?> select = new("--select") { Description = "Hand out only rows that this selector means (docs/selectors.md).", HelpName = "EXPR" };

    public void AddTo(Command command)
    {
        command.Options.Add(select);
        command.Options.Add(sample);
        command.Options.Add(atLeast);
        command.Options.Add(issue);
        Shared.Bound(sample, 0, MaxShare, "--sample is a share from 0 to 0.9.");
        Shared.Bound(atLeast, 0L, 10_000, "--at-least is a whole number from 0 to 10,000.");
    }

    /// <summary>Leaves in the queue what the selector does not mean, for this command.</summary>
    public async Task RestrictAsync(Terminal terminal, ParseResult parsed, ReviewDesk desk, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(select) is { } text && Selector.Parse(text) is var selector && await desk.RestrictAsync(selector, cancellationToken) == 0)
            terminal.Say($"No row that waits in {desk.Run.Name} is `{selector}`.");
    }

    public async Task FillAsync(Terminal terminal, ParseResult parsed, ReviewDesk desk, ReviewWhere where, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> quarantined = [];
        if (parsed.GetValue(issue) is { } name)
        {
            var quarantine = new QuarantineDesk(desk, Stores.StoreFolder.Of(where.Load(parsed)), terminal.Time);
            var frozen = await quarantine.FreezeAsync(await quarantine.CountAsync(cancellationToken), [name], cancellationToken);
            quarantined = [.. frozen.Rows.Where(row => row.Key is not null).Select(row => row.RowId)];
        }

        await desk.FillAsync(new ReviewWants(parsed.GetValue(sample), parsed.GetValue(atLeast), desk.Seed)
        {
            Quarantined = quarantined, Everything = where.IsPilot(parsed),
        }, cancellationToken);
    }
}
