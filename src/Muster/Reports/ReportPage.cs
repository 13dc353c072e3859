using Muster.Batches;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>The account of a run as one HTML page, to read, to print and to hand on.</summary>
/// <param name="job">The job file as a command names it; null when it need not be named.</param>
/// <param name="now">When it is written.</param>
internal sealed partial class ReportPage(RunAccount account, string? job, DateTimeOffset now)
{
    private const int MaxListed = 200;

    private readonly RunPicture picture = account.Picture ?? throw new ArgumentException("The account was read without its picture.", nameof(account));

    public void Write(TextWriter to)
    {
        var page = new PageWriter(to);
        var run = account.Run;
        page.Open($"{run.Job} {run.Name}", Subject());
        page.Facts(Summary());
        page.Body();
        if (run.Why is { } why)
            page.Text($"{EnumName.Words(run.State)}: {why}", "bad");
        Reconciliation(page);
        Batches(page);
        Cost(page);
        Reasons(page);
        Issues(page);
        Categories(page);
        Drift(page);
        if (MeasuredFacts.Of(account.Gold) is { } gold)
            Measured(page, "Gold rows", gold, "", "");
        if (account.Gold is null || account.Eval is not null)
            Measured(page, "Eval set", account.Eval, $"muster eval{(job is null ? "" : $" {job}")} --run {account.Run.Name}", "The run was not graded against an eval set.");
        Measured(page, "Review", account.Review, $"muster review {account.Run.Name}{JobOption()}", "Nobody has judged a sample of the accepted rows, so how many of them are wrong is not known.");
        Promotions(page);
        page.Section("Next");
        page.Text(account.Next.Why, command: account.Next.Command);
        page.Close($"Written {ReportText.Clock(now)} from the store of {run.Job}. Job version {run.JobVersion}; prices of {account.Savings.PricesAsOf:yyyy-MM-dd}. "
            + (account.HoldsRows ? "The page holds words of the rows." : "What came from the rows is taken out.") + " It loads nothing and runs nothing.");
    }

    private string Subject()
    {
        var run = account.Run;
        var took = run.EndedAt is { } ended ? $" · ended {ReportText.Clock(ended)} after {ReportText.Span(ended - run.OpenedAt)}" : "";
        return $"{run.Kind} run · {EnumName.Words(run.State)} · version {run.JobVersion} · opened {ReportText.Clock(run.OpenedAt)}{took}"
            + $" · {string.Join(", ", account.Job.Source.Paths.Select(Path.GetFileName))}{(run.Unpiloted ? " · unpiloted" : "")}";
    }

    private IEnumerable<PageFact> Summary()
    {
        yield return new PageFact("Accepted", ReportText.Percent(account.Coverage), $"{Amount.Grouping(account.Ledger.Succeeded)} of {Amount.Of(account.Ledger.Rows, "row")}");
        yield return new PageFact("Paid", Usd.Text(account.Spend.CostPicoUsd), $"{Usd.Text(account.Spend.SavedPicoUsd)} less than synchronous calls");
        if (account.Savings.IsTold)
        {
            yield return new PageFact("Saved by the tiers", Usd.Text(account.Savings.SavedPicoUsd), $"against {account.Savings.LargeModel} for all rows");
        }

        yield return account.Ledger.HumanQueued > 0
            ? new PageFact("For a person", Amount.Grouping(account.Ledger.HumanQueued), "rows wait for a decision")
            : new PageFact("Quarantined", Amount.Grouping(account.Ledger.Quarantined), Amount.Of(picture.Issues.Groups.Count, "issue"));
        yield return new PageFact("Batches", Amount.Grouping(account.Report.Sent.Count()), account.Report.Turnaround is { } turnaround ? $"{ReportText.Span(turnaround.Median)} each, the median" : null);
    }

    private void Reconciliation(PageWriter page)
    {
        var ledger = account.Ledger;
        page.Section("Reconciliation");
        page.Equation([
            new("", ledger.Rows, "rows"), new("=", ledger.Succeeded, "succeeded"), new("+", ledger.Errored, "errored"), new("+", ledger.Expired, "expired"),
            new("+", ledger.Canceled, "canceled"), new("+", ledger.Quarantined, "quarantined"), new("+", ledger.HumanQueued, "human-queued"), new("+", ledger.Open, "open"),
        ]);
        page.Text(ledger.Balances ? "Balances: every row is in one of these states." : $"Does not balance: the states hold {Amount.Of(ledger.Accounted, "row")}.", ledger.Balances ? "good" : "bad",
            ledger.Balances ? null : Command("reconcile"));
        if (account.Run.Merged > 0)
            page.Text($"{Amount.Of(account.Run.Records, "source record")}, {Amount.Grouping(account.Run.Merged)} of them merged with rows of the same content.");
        var settled = account.Report.Sent.Where(batch => batch is { Archive: not null, Remote: not null }).ToList();
        if (settled.Count > 0)
        {
            var (sent, counted, lines) = (settled.Sum(batch => (long)batch.Requests), settled.Sum(batch => (long)batch.Remote!.Counts.Total), settled.Sum(batch => batch.Archive!.Lines));
            page.Equation([new("", sent, "requests sent"), new("=", counted, "counted by the service"), new("=", lines, "result lines kept")]);
            page.Text(sent == counted && counted == lines ? $"Balances over {Amount.Of(settled.Count, "batch")} whose results are kept." : "Does not balance.",
                sent == counted && counted == lines ? "good" : "bad");
        }

        if (account.Report.Duplicates is { Count: > 0 } duplicates)
            page.Text($"Not in these sums: {DuplicateBill.Text(duplicates)}.", "bad");
        page.Figure(ReportCharts.Flow(picture.Ladder, [.. account.Job.Tiers.Select(tier => tier.Model)]),
            "Each row once, by the tier that asked about it last and the state it is in. Rows that go straight to quarantine were refused before asking and cost nothing.");
    }

    private void Batches(PageWriter page)
    {
        page.Section("Batches");
        var batches = account.Batches;
        if (batches.Count == 0)
        {
            page.Text("None was sent.");
            return;
        }

        var sent = batches.Count(batch => batch.Remote is not null);
        page.Figure(ReportCharts.Timeline(batches, now), $"From creation at the service to its end; the thin line before it is the time from the sealed intent. Times from {ReportText.Clock(batches.Min(batch => batch.SealedAt))}."
            + (sent > ReportCharts.MaxBatches ? $" The {ReportCharts.MaxBatches} of {Amount.Grouping(sent)} that took longest." : ""));
        page.OpenDetails($"All batches with their remote ids ({Amount.Grouping(batches.Count)})");
        page.Table("Batches", "nnnrrrrrrw", ["Batch", "Tier", "State", "Sent", "Succeeded", "Errored", "Expired", "Canceled", "Lines", "Remote id"], batches.Take(MaxListed).Select(Row));
        More(page, batches.Count);
        page.CloseDetails();

        static IReadOnlyList<PageCell> Row(Batch batch)
        {
            var counts = batch.Remote?.Counts;
            return
            [
                batch.Name, $"{batch.Tier + 1}", EnumName.Words(batch.State), batch.Requests, ReportText.Figure(counts?.Succeeded), ReportText.Figure(counts?.Errored), ReportText.Figure(counts?.Expired),
                ReportText.Figure(counts?.Canceled), ReportText.Figure(batch.Archive?.Lines), batch.RemoteId ?? batch.Why ?? (batch.Lane == Lane.Synchronous ? "synchronous calls" : ""),
            ];
        }
    }

    private void Cost(PageWriter page)
    {
        page.Section("Cost");
        if (account.Usage.Count == 0)
        {
            page.Text("Nothing was paid.");
            return;
        }

        var savings = account.Savings;
        page.Text($"Estimated {Usd.Text(savings.EstimatedPicoUsd)} before sending, paid {Usd.Text(savings.CostPicoUsd)}; synchronous calls would have cost {Usd.Text(savings.SyncPicoUsd)}. {savings.Sentence}");
        page.Figure(ReportCharts.Cost(savings), "US dollars. The estimate is what each batch reserved before it was sent, rather too much than too little.");
        page.Table("Cost by tier", "nlrrrrrrr", ["Tier", "Model", "Rows ended", "Requests", "Estimated", "Paid", "For rows that went on", "Largest model", "Saved"],
            savings.Tiers.Select(tier => (IReadOnlyList<PageCell>)
            [
                $"{tier.Tier + 1}", tier.Model, tier.Ended, tier.Requests, Usd.Text(tier.EstimatedPicoUsd), Usd.Text(tier.CostPicoUsd), Usd.Text(tier.ClimbedPicoUsd),
                Usd.Text(tier.LargePicoUsd), Usd.Text(tier.SavedPicoUsd),
            ]),
            ["", "all", savings.Tiers.Sum(tier => tier.Ended), savings.Tiers.Sum(tier => tier.Requests), Usd.Text(savings.EstimatedPicoUsd), Usd.Text(savings.CostPicoUsd),
                Usd.Text(savings.ClimbedPicoUsd), Usd.Text(savings.LargePicoUsd), Usd.Text(savings.SavedPicoUsd)]);
        if (savings.IsTold)
            page.Text(TierSavings.Caveat, "note");
        page.Table("Tokens", "nlrrrrrr", ["Tier", "Model that answered", "Requests", "Input", "Output", "Cache written", "Cache read", "Paid"],
            account.Usage.Select(usage => (IReadOnlyList<PageCell>)
            [
                $"{usage.Tier + 1}", usage.Model, usage.Requests, usage.InputTokens, usage.OutputTokens, usage.CacheWrite5mTokens + usage.CacheWrite1hTokens, usage.CacheReadTokens,
                Usd.Text(usage.CostPicoUsd),
            ]));
        if (account.Report.Lane is { } lane)
            page.Text($"{lane}.", lane.Lost > 0 ? "bad" : "");
        if (account.Spend.Unpriced > 0)
            page.Text($"{Amount.Of(account.Spend.Unpriced, "request")} went to a model without a price; that cost is not in the sums.", "bad");
    }

    private string Command(string verb) => job is null ? $"muster {verb}" : $"muster {verb} {job}";

    private static void More(PageWriter page, int count)
    {
        if (count > MaxListed)
            page.Text($"{Amount.Grouping(count - MaxListed)} more are not listed here.", "note");
    }
}
