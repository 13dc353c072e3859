using System.Text;
using Muster.Batches;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Reports;

/// <summary>Writes the account of a run as Markdown, for a pull request or a page. Row text in it cannot become markup.</summary>
internal static class RunAccountMarkdown
{
    public static void Write(RunAccount report, TextWriter to)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(to);
        var run = report.Run;
        Line(to, $"# {run.Job} {run.Name}");
        Line(to, "");
        Line(to, $"{EnumName.Words(run.State)}, version {run.JobVersion}, opened {ReportText.Clock(run.OpenedAt)}{(run.EndedAt is { } end ? $", ended {ReportText.Clock(end)}" : "")}");
        Line(to, "");
        Line(to, $"{report.Ledger}");
        Line(to, "");
        if (run.Unpiloted)
        {
            Line(to, "Unpiloted: no pilot of this version was locked when the run opened.");
            Line(to, "");
        }

        Line(to, $"Accepted: {report.Coverage:P2} of the rows.{(run.Merged > 0 ? $" {Amount.Of(run.Records, "source record")}, {Amount.Grouping(run.Merged)} merged with rows of the same content." : "")}");
        Evals(report, to);
        Reasons(report, to);
        Costs(report, to);
        Savings(report.Savings, to);
        Batches(report, to);
        Measured(report, to);
        Promotions(report, to);
        Line(to, "");
        Line(to, $"Next: {Text(report.Next.Why)}{(report.Next.Command is { } command ? $" `{command}`" : "")}");
    }

    private static void Evals(RunAccount report, TextWriter to)
    {
        if (report.Report.Gold is { } gold)
        {
            Line(to, "");
            Line(to, $"Gold rows: {gold}");
        }

        if (report.Gold is { } graded)
        {
            Line(to, "");
            Line(to, $"Gate: {graded.Gate.Verdict.ToString().ToUpperInvariant()}. {Text(graded.Gate.Sentence)}");
        }

        foreach (var overruled in report.Overrides)
        {
            Line(to, "");
            Line(to, $"{overruled.PromotionId} let through despite {overruled.HeldBy} at {ReportText.Clock(overruled.At)} by {Text(overruled.Who)}: {Text(overruled.Reason)}");
        }
    }

    private static void Reasons(RunAccount report, TextWriter to)
    {
        if (report.Reasons.Count == 0)
            return;
        Head(to, "Not accepted", "State", "Reason", "Rows", "Examples");
        foreach (var reason in report.Reasons)
        {
            var examples = string.Join("; ", reason.Examples.Select(row =>
                Text($"{row.Key ?? row.Line}{(row.Message is null ? "" : $": {row.Message}")}")));
            Line(to, $"| {RowStates.Word(reason.State)} | {Text(reason.Reason)} | {Amount.Grouping(reason.Rows)} | {examples} |");
        }
    }

    private static void Costs(RunAccount report, TextWriter to)
    {
        if (report.Usage.Count == 0)
            return;
        Head(to, "Tokens and cost", "Tier", "Model", "Requests", "Input", "Output", "Cache written", "Cache read", "Cost", "Synchronous");
        foreach (var usage in report.Usage)
        {
            Line(to, $"| {usage.Tier + 1} | {Text(usage.Model)} | {Amount.Grouping(usage.Requests)} | {Amount.Grouping(usage.InputTokens)} | {Amount.Grouping(usage.OutputTokens)} | "
                + $"{Amount.Grouping(usage.CacheWrite5mTokens + usage.CacheWrite1hTokens)} | {Amount.Grouping(usage.CacheReadTokens)} | {Usd.Text(usage.CostPicoUsd)} | {Usd.Text(usage.SyncPicoUsd)} |");
        }

        Line(to, $"| | all | {Sum(u => u.Requests)} | {Sum(u => u.InputTokens)} | {Sum(u => u.OutputTokens)} | "
            + $"{Sum(u => u.CacheWrite5mTokens + u.CacheWrite1hTokens)} | {Sum(u => u.CacheReadTokens)} | "
            + $"{Usd.Text(report.Spend.CostPicoUsd)} | {Usd.Text(report.Spend.SyncPicoUsd)} |");
        if (report.Report.Lane is { } lane)
        {
            Line(to, "");
            Line(to, $"{lane}.");
        }

        if (report.Spend.Unpriced > 0)
        {
            Line(to, "");
            Line(to, $"{Amount.Of(report.Spend.Unpriced, "request")} went to a model without a price; that cost is not in the sums.");
        }

        string Sum(Func<Usage, long> part) => Amount.Grouping(report.Usage.Sum(part));
    }

    private static void Savings(TierSavings savings, TextWriter to)
    {
        if (!savings.IsTold)
            return;
        Head(to, "What the tiers saved", "Tier", "Model", "Rows ended", "Estimated", "Paid", "For rows that went on", "Largest model", "Saved");
        foreach (var tier in savings.Tiers)
        {
            Line(to, $"| {tier.Tier + 1} | {Text(tier.Model)} | {Amount.Grouping(tier.Ended)} | {Usd.Text(tier.EstimatedPicoUsd)} | {Usd.Text(tier.CostPicoUsd)} | "
                + $"{Usd.Text(tier.ClimbedPicoUsd)} | {Usd.Text(tier.LargePicoUsd)} | {Usd.Text(tier.SavedPicoUsd)} |");
        }

        Line(to, $"| | all | {Amount.Grouping(savings.Tiers.Sum(tier => tier.Ended))} | {Usd.Text(savings.EstimatedPicoUsd)} | {Usd.Text(savings.CostPicoUsd)} | {Usd.Text(savings.ClimbedPicoUsd)} | "
            + $"{Usd.Text(savings.LargePicoUsd)} | {Usd.Text(savings.SavedPicoUsd)} |");
        Line(to, "");
        Line(to, $"{Text(savings.Sentence)} {Text(TierSavings.Caveat)}");
    }

    /// <summary>What was found out of the run elsewhere; what was not is not mentioned.</summary>
    private static void Measured(RunAccount report, TextWriter to)
    {
        if (report.Drift is { } drift)
            Said(to, "Drift", drift.Sentence, []);
        if (report.Eval is { } eval)
            Said(to, "Eval set", eval.Sentence, eval.Facts);
        if (report.Review is { } review)
            Said(to, "Review", review.Sentence, review.Facts);
    }

    private static void Said(TextWriter to, string title, string sentence, IReadOnlyList<ReportedFact> facts)
    {
        Line(to, "");
        Line(to, $"## {title}");
        Line(to, "");
        Line(to, Text(sentence));
        foreach (var fact in facts)
            Line(to, $"- {Text(fact.Name)}: {Text(fact.Value)}");
    }

    private static void Batches(RunAccount report, TextWriter to)
    {
        if (report.Report.Duplicates is { Count: > 0 } duplicates)
        {
            Line(to, "");
            Line(to, $"Not in these sums: {Text(DuplicateBill.Text(duplicates))}.");
        }

        if (report.Batches.Count == 0)
            return;
        Head(to, "Batches", "Batch", "Remote", "Tier", "State", "Sent", "Succeeded", "Errored", "Expired", "Canceled", "Lines");
        foreach (var batch in report.Batches)
        {
            var counts = batch.Remote?.Counts;
            Line(to, $"| {batch.Name} | {Text(batch.RemoteId ?? (batch.Lane == Lane.Synchronous ? "synchronous calls" : ""))} | {batch.Tier + 1} | {EnumName.Words(batch.State)} | {Amount.Grouping(batch.Requests)} | "
                + $"{ReportText.Figure(counts?.Succeeded)} | {ReportText.Figure(counts?.Errored)} | {ReportText.Figure(counts?.Expired)} | {ReportText.Figure(counts?.Canceled)} | {ReportText.Figure(batch.Archive?.Lines)} |");
        }
    }

    private static void Promotions(RunAccount report, TextWriter to)
    {
        if (report.TargetTrouble is { } trouble)
        {
            Line(to, "");
            Line(to, $"The target could not be asked for its promotions: {Text(trouble)}");
        }

        if (report.Promotions.Count == 0)
            return;
        Head(to, "Promotions", "Promotion", "At", "State", "Inserted", "Updated", "Unchanged", "Left alone");
        foreach (var receipt in report.Promotions)
        {
            var counts = receipt.Counts;
            Line(to, $"| {receipt.PromotionId} | {ReportText.Clock(receipt.At)} | {EnumName.Words(receipt.State)} | {Amount.Grouping(counts.Insert)} | "
                + $"{Amount.Grouping(counts.Update)} | {Amount.Grouping(counts.Unchanged)} | {Amount.Grouping(counts.Total - counts.Written - counts.Unchanged)} |");
        }
    }

    private static void Head(TextWriter to, string title, params string[] columns)
    {
        Line(to, "");
        Line(to, $"## {title}");
        Line(to, "");
        Line(to, $"| {string.Join(" | ", columns)} |");
        Line(to, $"|{string.Concat(columns.Select(_ => " --- |"))}");
    }

    private static string Text(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsControl(c))
                shown.Append(' ');
            else if (@"\`*_{}[]<>()#|!~".Contains(c))
                shown.Append('\\').Append(c);
            else
                shown.Append(c);
        }

        return shown.ToString();
    }

    private static void Line(TextWriter to, string line)
    {
        to.Write(line);
        to.Write('\n');
    }
}
