using System.CommandLine;
using Muster.Batches;
using Muster.Claude;
using Muster.Cli.Output;
using Muster.Promotion;
using Muster.Reports;
using Muster.Review;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>What a run did: ledger, reasons with examples, money, batches, promotions. From the store alone, no network.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFileOrRun();
        var run = new Option<string?>("--run") { Description = "Report on this run instead of the last full one.", HelpName = "RUN" };
        var markdown = new Option<string?>("--md") { Description = "Write Markdown to this file, or to standard output for -.", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Write one HTML page with drawings to this file; it needs no network and no script.", HelpName = "FILE" };
        var json = Shared.Json();
        var command = new ExampledCommand("report", "Report what a run did: ledger, reasons with examples, money, batches, promotions.",
            "muster report", "muster report --html report.html", "muster report --md report.md", "muster report catalog.job.yaml --run r-2 --json")
        {
            job, run, markdown, html, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(html)?.Tokens is [var page] && result.GetResult(markdown)?.Tokens is [var text] && Path.GetFullPath($"./{page.Value}") == Path.GetFullPath($"./{text.Value}"))
                result.AddError("--html and --md name the same file; give each its own.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, name) = Shared.JobOrRun(parsed.GetValue(job), parsed.GetValue(run));
            var definition = Shared.Load(path);
            var next = new NextStep(path, definition.Target is not null);
            Shared.RefuseUnwritable(parsed.GetValue(html));
            Shared.RefuseUnwritable(parsed.GetValue(markdown));
            await using var store = StatusCommand.OpenRun(definition, next);
            var runs = await store.RunsOfAsync(definition.Name, cancellationToken);
            var chosen = RunChoice.Of(definition.Name, runs, name);
            var target = definition.Target is { } spec ? Targets.Open(spec, terminal.Time) : null;
            var named = path is null ? null : NextStep.Quoted(path);
            var page = parsed.GetValue(html);
            var account = await new RunAccountReader(store, target, named).ReadAsync(chosen, page is null ? AccountScope.Text : AccountScope.Page, cancellationToken);
            account = await account.WithJudgementsAsync(store, definition, terminal.Time, cancellationToken);
            if (page is not null)
                WritePage(terminal, new ReportPage(account, named, terminal.Time.GetUtcNow()), page);
            Print(terminal, account, parsed.GetValue(markdown), parsed.GetValue(json), isPage: page is not null);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void WritePage(Terminal terminal, ReportPage page, string path)
    {
        using (var file = new WholeFile(path))
        {
            page.Write(file.Text);
            file.Done();
        }

        terminal.Say($"wrote {path}; it holds words of the rows");
    }

    private static void Print(Terminal terminal, RunAccount account, string? markdown, bool json, bool isPage)
    {
        if (markdown is not null && markdown != "-")
        {
            using (var file = new WholeFile(markdown))
            {
                RunAccountMarkdown.Write(account, file.Text);
                file.Done();
            }

            terminal.Say($"wrote {markdown}; it holds words of the rows");
        }

        if (json)
            terminal.Json("muster.report/1", Form(account));
        else if (markdown == "-")
            RunAccountMarkdown.Write(account, terminal.RawOut);
        else if (markdown is null && !isPage)
            terminal.Lines(Lines(account, terminal.OutWidth));
        if (account.Next.Command is { } command)
            terminal.Next(command);
    }

    private static IEnumerable<string> Lines(RunAccount account, int width)
    {
        var run = account.Run;
        yield return $"{run.Name} {run.Job}@{run.JobVersion} {Figures.Words(run.State)}, opened {Figures.Clock(run.OpenedAt)}"
            + (run.EndedAt is { } ended ? $", ended {Figures.Clock(ended)}" : "");
        yield return $"  {Figures.Ledger(account.Ledger)}";
        yield return $"  accepted {Figures.Percent(account.Coverage)} of the rows";
        if (account.Report.Gold is { } gold)
            yield return $"  gold: {Figures.Ledger(gold)}";
        if (account.Gold is { } graded)
            yield return EvalText.Gate(graded);
        if (account.Eval is { } eval)
            yield return $"  eval set: {Figures.Clean(eval.Sentence)}";
        foreach (var line in EvalText.Overrides(account.Overrides))
            yield return line;
        if (run.Unpiloted)
            yield return RunSummary.Unpiloted;
        if (run.Merged > 0)
            yield return $"  {Figures.Count(run.Records)} source records, {Figures.Count(run.Merged)} merged with rows of the same content";
        if (account.Report.Lane is { } lane)
            yield return $"  {lane}";
        foreach (var line in Reasons(account).Concat(UsageTable.Lines(account.Usage, width)).Concat(Savings(account.Savings, width)).Concat(Batches(account, width)).Concat(Promoted(account)))
            yield return line;
        yield return $"  {Figures.Clean(account.Next.Why)}";
    }

    private static IEnumerable<string> Reasons(RunAccount account)
    {
        foreach (var reason in account.Reasons)
        {
            yield return $"  {Figures.Count(reason.Rows)} {Figures.Words(reason.State)} {Figures.Clean(reason.Reason)}";
            foreach (var row in reason.Examples)
                yield return $"    {Figures.Fit(Figures.Clean(row.Key ?? row.Line), 60)}{(row.Message is { } message ? $": {Figures.Clean(message)}" : "")}";
        }
    }

    private static IEnumerable<string> Savings(TierSavings savings, int width)
    {
        if (!savings.IsTold)
            yield break;
        var table = new Columns("rlrrrrrr").Add("tier", "model", "rows ended", "estimated", "paid", "for rows that went on", "largest model", "saved");
        foreach (var tier in savings.Tiers)
            Add($"{tier.Tier + 1}", Figures.Clean(tier.Model), tier.Ended, [tier.EstimatedPicoUsd, tier.CostPicoUsd, tier.ClimbedPicoUsd, tier.LargePicoUsd, tier.SavedPicoUsd]);
        Add("all", "", savings.Tiers.Sum(tier => tier.Ended), [savings.EstimatedPicoUsd, savings.CostPicoUsd, savings.ClimbedPicoUsd, savings.LargePicoUsd, savings.SavedPicoUsd]);
        foreach (var line in table.Lines(width))
            yield return line;
        yield return $"  {Figures.Clean(savings.Sentence)}";

        void Add(string tier, string model, long ended, long?[] money) =>
            table.Add([tier, model, Figures.Count(ended), .. money.Select(pico => Usd.Text(pico))]);
    }

    private static IEnumerable<string> Batches(RunAccount account, int width)
    {
        if (account.Batches.Count == 0)
            return [];
        var table = new Columns("lrlrrrrrrl").Add("batch", "tier", "state", "sent", "succeeded", "errored", "expired", "canceled", "result lines", "remote id");
        foreach (var batch in account.Batches)
        {
            var counts = batch.Remote?.Counts;
            table.Add(batch.Name, $"{batch.Tier + 1}", Figures.Words(batch.State), Figures.Count(batch.Requests), $"{counts?.Succeeded}",
                $"{counts?.Errored}", $"{counts?.Expired}", $"{counts?.Canceled}", $"{batch.Archive?.Lines}", Figures.Clean(batch.RemoteId ?? (batch.Lane == Lane.Synchronous ? "synchronous calls" : "")));
        }

        return table.Lines(width);
    }

    private static IEnumerable<string> Promoted(RunAccount account)
    {
        if (account.TargetTrouble is { } trouble)
            yield return $"  the target could not be asked for its promotions: {Figures.Clean(trouble)}";
        foreach (var receipt in account.Promotions)
            yield return $"  {receipt.PromotionId} {Figures.Clock(receipt.At)} {Figures.Words(receipt.State)}: {PromotionText.Counts(receipt.Counts)}";
    }

    private static object Form(RunAccount account) => new
    {
        run = RunJson.Run(account.Run), ledger = RunJson.Ledger(account.Ledger), gold = RunJson.Gold(account.Report), eval = EvalText.Gold(account.Gold),
        overrides = account.Overrides.Select(overruled => new { overruled.HeldBy, overruled.PromotionId, overruled.At, overruled.Who, overruled.Reason, overruled.Holds }), batches = RunJson.BatchCounts(account.Report),
        money = RunJson.Money(account.Usage), synchronousLane = RunJson.Lane(account.Report), tierSavings = Form(account.Savings), coverage = account.Coverage, account.Reasons,
        manifest = account.Batches.Select(batch => RunJson.Batch(batch, account.Covered.GetValueOrDefault(batch.Id))),
        promotions = account.Promotions.Select(p => new { p.PromotionId, p.At, p.State, p.Actor, p.Target, p.Counts }),
        account.TargetTrouble, nextWhy = account.Next.Why, next = account.Next.Command,
    };

    private static object Form(TierSavings savings) => new
    {
        savings.LargeModel, savings.PricesAsOf, EstimatedUsd = Usd.Of(savings.EstimatedPicoUsd), CostUsd = Usd.Of(savings.CostPicoUsd),
        ClimbedUsd = Usd.Of(savings.ClimbedPicoUsd), LargeUsd = Usd.Of(savings.LargePicoUsd), SavedUsd = Usd.Of(savings.SavedPicoUsd),
        Tiers = savings.Tiers.Select(tier => new
        {
            Tier = tier.Tier + 1, tier.Model, tier.Ended, tier.Requests, EstimatedUsd = Usd.Of(tier.EstimatedPicoUsd), CostUsd = Usd.Of(tier.CostPicoUsd),
            ClimbedUsd = Usd.Of(tier.ClimbedPicoUsd), SyncUsd = Usd.Of(tier.SyncPicoUsd), LargeUsd = Usd.Of(tier.LargePicoUsd), SavedUsd = Usd.Of(tier.SavedPicoUsd),
        }),
    };
}
