using System.Globalization;
using Muster.Batches;
using Muster.Claude;
using Muster.Reports.Charts;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>Makes the drawings of a report from its numbers. Pure.</summary>
internal static class ReportCharts
{
    public const int MaxReasons = 14;
    public const int MaxBatches = 48;
    public const int MaxCategories = 40;

    private static readonly RowState[] Order =
    [
        RowState.Succeeded, RowState.HumanQueued, RowState.Quarantined, RowState.Errored, RowState.Expired, RowState.Canceled, RowState.Pending, RowState.InFlight,
    ];

    private static readonly string[] Tiers = ["c0", "c2", "c4", "c5", "c1"];

    public static FlowChart Flow(Ladder ladder, IReadOnlyList<string> models)
    {
        var ends = Order.Select(state => new FlowEnd(Name(state), Style(state))).ToList();
        var shares = ladder.Flows.Select(flow => new FlowShare(flow.IsAsked || IsOpen(flow.State) ? flow.Tier : -1, Array.IndexOf(Order, flow.State), flow.Rows)).ToList();
        var counts = string.Join(", ", shares.GroupBy(share => share.End).OrderBy(group => group.Key).Select(group => $"{ends[group.Key].Label} {Amount.Grouping(group.Sum(share => share.Count))}"));
        return new FlowChart(new ChartName("From rows to outcomes", $"{Amount.Of(shares.Sum(share => share.Count), "row")}: {counts}."),
            "rows", [.. models.Select((model, i) => new FlowStep($"{i + 1} {model}", $"tier {i + 1}"))], ends, shares);
    }

    public static TimelineChart Timeline(IEnumerable<Batch> batches, DateTimeOffset now)
    {
        var sent = batches.Where(batch => batch.Remote is not null).ToList();
        // Those that took longest say most.
        var shown = sent.OrderByDescending(batch => (batch.Remote!.EndedAt ?? now) - batch.Remote.CreatedAt).Take(MaxBatches).OrderBy(batch => batch.Id).ToList();
        var longest = sent.Count == 0 ? TimeSpan.Zero : sent.Max(batch => (batch.Remote!.EndedAt ?? now) - batch.Remote.CreatedAt);
        var tiers = shown.Select(batch => batch.Tier).Distinct().Order().ToList();
        return new TimelineChart(
            new ChartName("Batches over time", $"{Amount.Of(sent.Count, "batch")}; the longest took {ReportText.Span(longest)} of the 24 hours that the service gives each."),
            [.. shown.Select(Bar)], [.. tiers.Select(tier => new Series($"tier {tier + 1}", TierStyle(tier)))], now, "24 h, when a batch expires");

        TimelineBar Bar(Batch batch)
        {
            var remote = batch.Remote!;
            // Two clocks: what the remote says is drawn no earlier than the intent.
            var begun = remote.CreatedAt < batch.SealedAt ? batch.SealedAt : remote.CreatedAt;
            var took = ReportText.Span((remote.EndedAt ?? now) - remote.CreatedAt);
            return new TimelineBar($"{batch.Name} · {Amount.Grouping(batch.Requests)}", TierStyle(batch.Tier), batch.SealedAt, begun,
                remote.EndedAt is { } ended && ended < begun ? begun : remote.EndedAt, remote.ExpiresAt, remote.EndedAt is null ? $"{took} so far" : took);
        }
    }

    public static BarChart Cost(TierSavings savings)
    {
        Bar Money(long pico) => new((double)Usd.Of(pico), Usd.Text(pico));
        var showsLarge = savings.IsTold;
        List<Series> series = [new("paid", "c0"), new("estimated before sending", "hollow"), new("synchronous price", "c1")];
        if (showsLarge)
            series.Add(new($"{savings.LargeModel} for the same rows", "c2"));
        IReadOnlyList<Bar?> Bars(long cost, long estimate, long sync, long? large)
        {
            List<Bar?> bars = [Money(cost), Money(estimate), Money(sync)];
            if (showsLarge)
                bars.Add(large is { } known ? Money(known) : new Bar(0, "unknown"));
            return bars;
        }

        var groups = savings.Tiers.Select(tier => new BarGroup($"{tier.Tier + 1} {tier.Model}", Bars(tier.CostPicoUsd, tier.EstimatedPicoUsd, tier.SyncPicoUsd, tier.LargePicoUsd))).ToList();
        if (savings.Tiers.Count > 1)
            groups.Add(new BarGroup("all tiers", Bars(savings.CostPicoUsd, savings.EstimatedPicoUsd, savings.SyncPicoUsd, savings.LargePicoUsd)));
        return new BarChart(new ChartName("Cost by tier", $"Paid {Usd.Text(savings.CostPicoUsd)}, estimated {Usd.Text(savings.EstimatedPicoUsd)}, synchronous {Usd.Text(savings.SyncPicoUsd)}. {savings.Sentence}".TrimEnd()),
            series, groups, Dollars);
    }

    public static BarChart Pareto(IReadOnlyList<ReportedReason> reasons)
    {
        var total = reasons.Sum(reason => reason.Rows);
        var sorted = reasons.OrderByDescending(reason => reason.Rows).ThenBy(reason => reason.Reason, StringComparer.Ordinal).ToList();
        var groups = new List<BarGroup>();
        long sum = 0;
        void Add(string label, long rows)
        {
            sum += rows;
            groups.Add(new BarGroup(label, [new Bar(Share(rows, total), $"{Amount.Grouping(rows)}, {ReportText.Percent(Share(rows, total))}")], Share(sum, total)));
        }

        foreach (var reason in sorted.Take(MaxReasons))
            Add(reason.Reason.Length == 0 ? RowStates.Word(reason.State) : reason.Reason, reason.Rows);
        if (sorted.Count > MaxReasons)
            Add($"{sorted.Count - MaxReasons} further", sorted.Skip(MaxReasons).Sum(reason => reason.Rows));
        var first = sorted.Count == 0 ? "none" : $"the most frequent is {sorted[0].Reason} with {Amount.Of(sorted[0].Rows, "row")}";
        return new BarChart(new ChartName("Why rows were not accepted", $"{Amount.Of(total, "row")} by reason; {first}."),
            [new Series("share of the rows not accepted", "c3")], groups, ReportText.Percent, "share so far");
    }

    public static BarChart Categories(CategoryShift shift)
    {
        var hasBefore = shift.BeforeFrom is not null;
        var places = Enumerable.Range(0, shift.Labels.Count).Where(i => shift.After[i] > 0 || (hasBefore && shift.Before[i] > 0))
            .OrderByDescending(i => shift.After[i]).ThenByDescending(i => hasBefore ? shift.Before[i] : 0).ThenBy(i => i).ToList();
        var groups = places.Take(MaxCategories).Select(i => Group(shift.Labels[i], hasBefore ? shift.Before[i] : 0, shift.After[i])).ToList();
        if (places.Count > MaxCategories)
        {
            var rest = places.Skip(MaxCategories).ToList();
            groups.Add(Group($"{rest.Count} further", hasBefore ? rest.Sum(i => shift.Before[i]) : 0, rest.Sum(i => shift.After[i])));
        }

        var unused = shift.Labels.Count - 2 - places.Count(i => i < shift.Labels.Count - 2);
        return new BarChart(new ChartName($"Values of {shift.Property}", $"{Amount.Of(shift.Rows, "accepted row")} over {Amount.Of(places.Count, "value")}; {unused} of the contract's values are not used."),
            hasBefore ? [new Series("this run", "c0"), new Series($"before: {shift.BeforeFrom}", "c2")] : [new Series("this run", "c0")], groups, ReportText.Percent);

        BarGroup Group(string label, long before, long after)
        {
            Bar now = new(Share(after, shift.Rows), $"{ReportText.Percent(Share(after, shift.Rows))} · {Amount.Grouping(after)}");
            return new BarGroup(label, hasBefore ? [now, new Bar(Share(before, shift.BeforeRows), $"{ReportText.Percent(Share(before, shift.BeforeRows))} · {Amount.Grouping(before)}")] : [now]);
        }
    }

    public static string Name(RowState state) => state switch
    {
        RowState.Pending => "open, waiting",
        RowState.InFlight => "open, in flight",
        _ => RowStates.Word(state),
    };

    private static string Style(RowState state) => state switch
    {
        RowState.Succeeded => "c4",
        RowState.HumanQueued => "c2",
        RowState.Quarantined => "c3",
        RowState.Errored or RowState.Expired => "c5",
        RowState.Pending or RowState.InFlight => "c1",
        _ => "c6",
    };

    private static bool IsOpen(RowState state) => state is RowState.Pending or RowState.InFlight;

    private static string TierStyle(int tier) => Tiers[tier % Tiers.Length];

    private static double Share(long part, long of) => of == 0 ? 0 : (double)part / of;

    private static string Dollars(double usd) => "$" + usd.ToString(usd < 1 ? "0.######" : usd < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);
}
