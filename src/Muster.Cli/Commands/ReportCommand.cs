using System.CommandLine;
using Muster.Cli.Output;
using Muster.Promotion;
using Muster.Runs;

namespace Muster.Cli.Commands;

/// <summary>What a run did: ledger, reasons with examples, money, batches, promotions. From the store alone, no network.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var job = Shared.JobFile();
        var run = new Option<string?>("--run") { Description = "Report on this run instead of the last full one.", HelpName = "RUN" };
        var markdown = new Option<string?>("--md") { Description = "Write Markdown to this file, or to standard output for -.", HelpName = "FILE" };
        var json = Shared.Json();
        var command = new ExampledCommand("report", "Report what a run did: ledger, reasons with examples, money, batches, promotions.",
            "muster report", "muster report --md report.md", "muster report catalog.job.yaml --run r-2 --json")
        {
            job, run, markdown, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var definition = Shared.Load(parsed.GetValue(job));
            await using var store = StatusCommand.OpenRun(definition, new NextStep(parsed.GetValue(job), definition.Target is not null));
            var runs = (await store.RunsAsync(cancellationToken)).Where(candidate => candidate.Job == definition.Name).ToList();
            if (runs.Count == 0)
                throw new UsageException($"{definition.Name} has no run.", NextStep.Command("run", parsed.GetValue(job)));
            var chosen = StatusCommand.Choose(definition, runs, parsed.GetValue(run));
            var target = definition.Target is { } spec ? Targets.Open(spec, terminal.Time) : null;
            var account = await new RunAccountReader(store, target, parsed.GetValue(job) is { } named ? NextStep.Quoted(named) : null).ReadAsync(chosen, cancellationToken);
            Print(terminal, account, parsed.GetValue(markdown), parsed.GetValue(json));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, RunAccount account, string? markdown, bool json)
    {
        if (markdown is not null && markdown != "-")
        {
            using var file = new StreamWriter(markdown);
            RunAccountMarkdown.Write(account, file);
            terminal.Say($"wrote {markdown}");
        }

        if (json)
            terminal.Json("muster.report/1", Form(account));
        else if (markdown == "-")
            RunAccountMarkdown.Write(account, terminal.RawOut);
        else if (markdown is null)
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
        foreach (var line in EvalText.Overrides(account.Overrides))
            yield return line;
        if (run.Unpiloted)
            yield return RunSummary.Unpiloted;
        if (run.Merged > 0)
            yield return $"  {Figures.Count(run.Records)} source records, {Figures.Count(run.Merged)} merged with rows of the same content";
        foreach (var line in Reasons(account).Concat(UsageTable.Lines(account.Usage, width)).Concat(Batches(account, width)).Concat(Promoted(account)))
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

    private static IEnumerable<string> Batches(RunAccount account, int width)
    {
        if (account.Batches.Count == 0)
            return [];
        var table = new Columns("lrlrrrrrrl").Add("batch", "tier", "state", "sent", "succeeded", "errored", "expired", "canceled", "result lines", "remote id");
        foreach (var batch in account.Batches)
        {
            var counts = batch.Remote?.Counts;
            table.Add(batch.Name, $"{batch.Tier + 1}", Figures.Words(batch.State), Figures.Count(batch.Requests), $"{counts?.Succeeded}",
                $"{counts?.Errored}", $"{counts?.Expired}", $"{counts?.Canceled}", $"{batch.Archive?.Lines}", Figures.Clean(batch.RemoteId ?? ""));
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
        overrides = account.Overrides.Select(overruled => new { overruled.At, overruled.Who, overruled.Reason, overruled.Holds }), batches = RunJson.BatchCounts(account.Report),
        money = RunJson.Money(account.Usage), coverage = account.Coverage, account.Reasons,
        manifest = account.Batches.Select(batch => RunJson.Batch(batch, account.Covered.GetValueOrDefault(batch.Id))),
        promotions = account.Promotions.Select(p => new { p.PromotionId, p.At, p.State, p.Actor, p.Target, p.Counts }),
        account.TargetTrouble, nextWhy = account.Next.Why, next = account.Next.Command,
    };
}
