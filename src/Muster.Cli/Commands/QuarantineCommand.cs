using System.CommandLine;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Cli.Commands;

/// <summary>Quarantined rows as issues: one cause, one line, one action. From the store alone.</summary>
internal static class QuarantineCommand
{
    private const int MaxListed = 50;

    public static Command Create(Terminal terminal)
    {
        var run = Shared.Run();
        var job = Shared.JobOption();
        var json = Shared.Json();
        var command = new ExampledCommand("quarantine", "List quarantined rows, grouped by what went wrong.",
            "muster quarantine", "muster quarantine r-2 --json", "muster quarantine show v1:0123456789ab", "muster quarantine export --csv quarantine.csv", "muster quarantine retry Q-1 --plan", "muster quarantine edit Q-1 --set /category=Shoes")
        {
            run, job, json, Show(terminal), Export(terminal),
        };
        foreach (var action in QuarantineActions.All(terminal))
            command.Subcommands.Add(action);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (opened, store) = await OpenAsync(parsed.GetValue(job), parsed.GetValue(run), cancellationToken);
            await using var read = store;
            var counted = await CountAsync(terminal, parsed.GetValue(job), opened, cancellationToken);
            var issues = counted.Groups;
            foreach (var back in counted.Alerts)
                terminal.Warn("Warning", $"{back.Id} is back: it is {Figures.Words(back.State)} with {Figures.Count(back.Rows, "row")} in all.");
            var ledger = await store.LedgerAsync(opened.Id, cancellationToken);
            if (parsed.GetValue(json))
                terminal.Json("muster.quarantine/1", Json(opened, ledger, counted));
            else
                terminal.Lines(Lines(opened, ledger, counted, terminal.OutWidth));
            if (issues.Rows > 0)
                terminal.Next($"muster quarantine show {counted.NameOf(issues.Issues[0])}{RunAndJob(opened.Name, parsed.GetValue(job))}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ExampledCommand Show(Terminal terminal)
    {
        var issue = new Argument<string>("issue") { Description = "Its number, as Q-1, or its fingerprint or the beginning of it." };
        var (run, job) = (Shared.RunOption(), Shared.JobOption());
        var json = Shared.Json();
        var command = new ExampledCommand("show", "List the rows of one issue by key.", "muster quarantine show v1:0123456789ab") { issue, run, job, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (opened, store) = await OpenAsync(parsed.GetValue(job), parsed.GetValue(run), cancellationToken);
            await using var read = store;
            var definition = JobSnapshot.FromJson(opened.Snapshot);
            var counted = await CountAsync(terminal, parsed.GetValue(job), opened, cancellationToken);
            var chosen = Choose(opened, counted, parsed.GetValue(issue)!);
            var isJson = parsed.GetValue(json);
            if (!isJson)
                terminal.Lines(Head(counted.NameOf(chosen), chosen));
            var grouper = new IssueGrouper(definition);
            var keys = new List<object>();
            await foreach (var row in store.EvidenceAsync(opened.Id, cancellationToken))
            {
                if (row.State != RowState.Quarantined || row.IsTakenOver || grouper.FingerprintOf(row) != chosen.Fingerprint)
                    continue;
                var key = definition.Source.Key.Sensitive ? null : row.Key;
                if (isJson)
                    keys.Add(new { key, row.Line });
                else
                    terminal.Line(Figures.Clean(key ?? row.Line));
            }

            if (isJson)
                terminal.Json("muster.quarantine/1", new { run = opened.Name, issue = Form(chosen, null, counted), keys });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ExampledCommand Export(Terminal terminal)
    {
        var csv = new Option<string>("--csv") { Description = "Write CSV to this file, or to standard output for -.", HelpName = "FILE", Required = true };
        var (run, job) = (Shared.RunOption(), Shared.JobOption());
        var command = new ExampledCommand("export", "Write every quarantined row with its issue, safe to open in a spreadsheet.", "muster quarantine export --csv quarantine.csv") { csv, run, job };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(csv)!;
            Shared.RefuseUnwritable(path);
            var (opened, store) = await OpenAsync(parsed.GetValue(job), parsed.GetValue(run), cancellationToken);
            await using var read = store;
            if (path == "-")
            {
                await QuarantineCsv.WriteAsync(store, opened, terminal.RawOut, cancellationToken);
                return ExitCodes.Ok;
            }

            using (var file = new WholeFile(path))
            {
                await QuarantineCsv.WriteAsync(store, opened, file.Text, cancellationToken);
                file.Done();
            }

            terminal.Say($"wrote {path}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<(Run Run, SqliteStore Store)> OpenAsync(string? job, string? run, CancellationToken cancellationToken)
    {
        var definition = Shared.Load(job);
        var store = StatusCommand.OpenRun(definition, new NextStep(job, definition.Target is not null));
        try
        {
            var runs = await store.RunsOfAsync(definition.Name, cancellationToken);
            return (RunChoice.Of(definition.Name, runs, run), store);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static Task<CountedIssues> CountAsync(Terminal terminal, string? job, Run run, CancellationToken cancellationToken)
    {
        var definition = Shared.Load(job);
        var folder = StoreFolder.Of(definition);
        return new QuarantineDesk(new ReviewDesk(definition, run, folder, Environment.UserName, terminal.Time), folder, terminal.Time).CountAsync(cancellationToken);
    }

    private static IssueGroup Choose(Run run, CountedIssues counted, string name)
    {
        var found = counted.Groups.Issues.Where(issue => string.Equals(counted.NameOf(issue), name, StringComparison.OrdinalIgnoreCase)
            || Fingerprint.IsNamed(issue.Fingerprint, name)).ToList();
        return found.Count == 1 ? found[0] : throw new UsageException(
            $"{run.Name} has {(found.Count == 0 ? "no issue" : $"{found.Count} issues that begin with")} {Excerpt.Quoted(name)}.", $"List them with `muster quarantine {run.Name}`.");
    }

    private static IEnumerable<string> Lines(Run run, Ledger ledger, CountedIssues counted, int width)
    {
        var issues = counted.Groups;
        var groups = issues.Issues;
        yield return $"{run.Name}: {Figures.Count(issues.Rows, "row")} of {Figures.Count(ledger.Rows)} in quarantine, {Figures.Count(groups.Count, "issue")}";
        if (groups.Count == 0)
            yield break;
        var table = new Columns("lrrrlllll").Add("issue", "rows", "share", "waived", "state", "reason", "lines", "keys", "fingerprint");
        foreach (var issue in groups.Take(MaxListed))
        {
            table.Add(counted.NameOf(issue), Figures.Count(issue.Rows), Figures.Percent(Share(issue, ledger)), Figures.Count(counted.WaivedRows.GetValueOrDefault(issue.Fingerprint)),
                counted.Known.TryGetValue(issue.Fingerprint, out var known) ? $"{Figures.Words(known.State)}{(known.Owner is { Length: > 0 } owner ? $", {Figures.Clean(owner)}" : "")}" : "–", Figures.Fit(Figures.Clean(issue.Reason), 40),
                $"{Figures.Clean(issue.FirstLine)} … {Figures.Clean(issue.LastLine)}", Figures.Fit(Figures.Clean(string.Join(", ", issue.Keys)), 60), issue.Fingerprint);
        }

        foreach (var line in table.Lines(width))
            yield return line;
        foreach (var issue in groups.Take(MaxListed))
            yield return $"  {counted.NameOf(issue)} {Figures.Clean(issue.Example ?? "")} {issue.Action}";
        if (groups.Count > MaxListed)
            yield return $"  and {Figures.Count(groups.Count - MaxListed, "further issue")}; --json lists all";
        if (issues.Ungrouped > 0)
            yield return $"  and {Figures.Count(issues.Ungrouped, "row")} of further issues";
    }

    private static IEnumerable<string> Head(string name, IssueGroup issue)
    {
        yield return $"{name} {issue.Fingerprint} {Figures.Clean(issue.Reason)}: {Figures.Count(issue.Rows, "row")}";
        if (issue.Example is { } example)
            yield return $"  {Figures.Clean(example)}";
        yield return $"  {issue.Action}";
    }

    private static object Json(Run run, Ledger ledger, CountedIssues counted) => new
    {
        run = run.Name, rows = counted.Groups.Rows, share = ledger.Rows == 0 ? 0 : (double)counted.Groups.Rows / ledger.Rows,
        issues = counted.Groups.Issues.Select(issue => Form(issue, Share(issue, ledger), counted)), ungroupedRows = counted.Groups.Ungrouped,
    };

    private static object Form(IssueGroup issue, double? share, CountedIssues counted) => new
    {
        id = counted.Known.GetValueOrDefault(issue.Fingerprint)?.Id, state = counted.Known.GetValueOrDefault(issue.Fingerprint)?.State,
        owner = counted.Known.GetValueOrDefault(issue.Fingerprint)?.Owner, waived = counted.WaivedRows.GetValueOrDefault(issue.Fingerprint),
        issue.Fingerprint, issue.Reason, issue.Rows, share, issue.Example, issue.FirstLine, issue.LastLine, exampleKeys = issue.Keys, issue.Action,
    };

    private static double Share(IssueGroup issue, Ledger ledger) => ledger.Rows == 0 ? 0 : (double)issue.Rows / ledger.Rows;

    private static string RunAndJob(string run, string? job) => $" --run {run}{NextStep.JobOption(job)}";
}
