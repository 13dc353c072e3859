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
            run, job, json, List(terminal), Show(terminal), Export(terminal),
        };
        foreach (var action in QuarantineActions.All(terminal))
            command.Subcommands.Add(action);
        command.SetAction((parsed, cancellationToken) => ListAsync(terminal, parsed.GetValue(job), parsed.GetValue(run), parsed.GetValue(json), cancellationToken));
        return command;
    }

    /// <summary>How rows are named wherever they are shown or acted on.</summary>
    public static Argument<string[]> Rows(ArgumentArity arity) =>
        new("rows") { Description = "An issue (Q-1), a selector (\"reason:SHP.* batch:b-3\", docs/selectors.md), or keys.", Arity = arity };

    private static ExampledCommand List(Terminal terminal)
    {
        var (run, job) = (Shared.RunOption(), Shared.JobOption());
        var json = Shared.Json();
        var command = new ExampledCommand("list", "List quarantined rows, grouped by what went wrong; so does the command without it.", "muster quarantine list", "muster quarantine list --run r-2 --json") { run, job, json };
        command.SetAction((parsed, cancellationToken) => ListAsync(terminal, parsed.GetValue(job), parsed.GetValue(run), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> ListAsync(Terminal terminal, string? job, string? run, bool isJson, CancellationToken cancellationToken)
    {
        var (opened, store) = await OpenAsync(job, run, cancellationToken);
        await using var read = store;
        var counted = await Desk(terminal, job, opened).CountAsync(cancellationToken);
        foreach (var back in counted.Alerts)
            terminal.Warn("Warning", $"{back.Id} is back: it is {Figures.Words(back.State)} with {Figures.Count(back.Rows, "row")} in all.");
        var ledger = await store.LedgerAsync(opened.Id, cancellationToken);
        if (isJson)
            terminal.Json("muster.quarantine/1", Json(opened, ledger, counted));
        else
            terminal.Lines(Lines(opened, ledger, counted, terminal.OutWidth));
        if (counted.Groups.Rows > 0)
            terminal.Next($"muster quarantine show {counted.NameOf(counted.Groups.Issues[0])}{RunAndJob(opened.Name, job)}");
        return ExitCodes.Ok;
    }

    private static ExampledCommand Show(Terminal terminal)
    {
        var names = Rows(ArgumentArity.OneOrMore);
        var (run, job) = (Shared.RunOption(), Shared.JobOption());
        var json = Shared.Json();
        var command = new ExampledCommand("show", "List the rows of one issue, or of a selector, by key.",
            "muster quarantine show v1:0123456789ab", "muster quarantine show \"reason:SHP.* batch:b-3\"") { names, run, job, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (opened, store) = await OpenAsync(parsed.GetValue(job), parsed.GetValue(run), cancellationToken);
            await using var read = store;
            var desk = Desk(terminal, parsed.GetValue(job), opened);
            var counted = await desk.CountAsync(cancellationToken);
            var given = parsed.GetValue(names)!;
            var chosen = Choose(opened, counted, given);
            var selection = chosen is null ? await desk.SelectAsync(counted, given, cancellationToken) : null;
            var isJson = parsed.GetValue(json);
            if (!isJson && chosen is not null)
                terminal.Lines(Head(counted.NameOf(chosen), chosen));
            var rows = selection is null
                ? store.EvidenceAsync(opened.Id, cancellationToken).Where(row => row is { State: RowState.Quarantined, IsTakenOver: false } && counted.Groups.FingerprintOf(row) == chosen!.Fingerprint)
                : store.QuarantinedAsync(opened, selection.Selector, selection.Context, cancellationToken);
            var hidesKeys = JobSnapshot.FromJson(opened.Snapshot).Source.Key.Sensitive;
            var keys = new List<object>();
            await foreach (var row in rows)
            {
                var key = hidesKeys ? null : row.Key;
                if (isJson)
                    keys.Add(new { key, row.Line, row.Reason });
                else
                    terminal.Line($"{Figures.Clean(key ?? row.Line)}{(chosen is null ? $"  {Figures.Clean(row.Reason)}" : "")}");
            }

            if (isJson)
                terminal.Json("muster.quarantine/1", new { run = opened.Name, issue = chosen is null ? null : Form(chosen, null, counted), select = selection?.Selector.ToString(), keys });
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ExampledCommand Export(Terminal terminal)
    {
        var names = Rows(ArgumentArity.ZeroOrMore);
        var csv = new Option<string>("--csv") { Description = "Write CSV to this file, or to standard output for -.", HelpName = "FILE", Required = true };
        var (run, job) = (Shared.RunOption(), Shared.JobOption());
        var command = new ExampledCommand("export", "Write quarantined rows with their issue, every one unless some are named, safe to open in a spreadsheet.",
            "muster quarantine export --csv quarantine.csv", "muster quarantine export \"reason:SHP.* batch:b-3\" --csv some.csv") { names, csv, run, job };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(csv)!;
            Shared.RefuseUnwritable(path);
            var (opened, store) = await OpenAsync(parsed.GetValue(job), parsed.GetValue(run), cancellationToken);
            await using var read = store;
            var desk = Desk(terminal, parsed.GetValue(job), opened);
            var counted = await desk.CountAsync(cancellationToken);
            var selection = parsed.GetValue(names) is { Length: > 0 } given ? await desk.SelectAsync(counted, given, cancellationToken) : null;
            var rows = selection is null ? store.EvidenceAsync(opened.Id, cancellationToken) : store.QuarantinedAsync(opened, selection.Selector, selection.Context, cancellationToken);
            if (path == "-")
            {
                await QuarantineCsv.WriteAsync(rows, opened, [.. counted.Known.Values], terminal.RawOut, cancellationToken);
                return ExitCodes.Ok;
            }

            using (var file = new WholeFile(path))
            {
                await QuarantineCsv.WriteAsync(rows, opened, [.. counted.Known.Values], file.Text, cancellationToken);
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

    private static QuarantineDesk Desk(Terminal terminal, string? job, Run run)
    {
        var definition = Shared.Load(job);
        var folder = StoreFolder.Of(definition);
        return new QuarantineDesk(new ReviewDesk(definition, run, folder, Environment.UserName, terminal.Time), folder, terminal.Time);
    }

    /// <summary>The issue that is named; null where rows are named otherwise.</summary>
    private static IssueGroup? Choose(Run run, CountedIssues counted, IReadOnlyList<string> names)
    {
        var found = names is [var name] ? counted.Groups.Issues.Where(issue => string.Equals(counted.NameOf(issue), name, StringComparison.OrdinalIgnoreCase)
            || Fingerprint.IsNamed(issue.Fingerprint, name)).ToList() : [];
        if (found.Count == 1)
            return found[0];
        return found.Count == 0 && RowNames.Parse(names).Issue is null ? null : throw new UsageException(
            $"{run.Name} has {(found.Count == 0 ? "no issue" : $"{found.Count} issues that begin with")} {Excerpt.Quoted(names[0])}.", $"List them with `muster quarantine {run.Name}`.");
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
