using System.Text;
using Muster.Claude;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Reports;
using Muster.Runs;

namespace Muster.Handoffs;

/// <summary>Where a runbook's commands work.</summary>
/// <param name="BaseUrl">Null for the public service.</param>
/// <param name="Store">The folder of the state.</param>
internal sealed record RunbookPlace(string JobFile, Uri? BaseUrl, string Store)
{
    /// <summary>Scheme, host, port and path: never what stands before an @ or after a question mark.</summary>
    public string? Address => BaseUrl is null || BaseUrl == ClaudeOptions.PublicBaseUrl ? null
        : BaseUrl.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');
}

/// <summary>The commands that whoever takes the run over needs, as they are typed.</summary>
/// <param name="evalSet">What the eval set in the folder is, in words; null when there is none.</param>
/// <param name="left">What is not in the folder, and why.</param>
internal sealed class Runbook(RunAccount account, RunbookPlace place, string? evalSet, IReadOnlyList<string> left)
{
    private readonly StringBuilder text = new();
    private readonly string job = Shell.Quoted(place.JobFile);
    private readonly string run = account.Run.Name;

    public string Text(DateTimeOffset now)
    {
        Line($"# Runbook: {account.Run.Job} {run}");
        Line("");
        Line($"Written {ReportText.Clock(now)}. {EnumName.Words(account.Run.State)}, version {account.Run.JobVersion}. {account.Ledger}.");
        Line("");
        Line(account.HoldsRows
            ? "This folder holds words of the rows: in the report, `quarantine.csv`, `receipts.json` and, where it is here, `evalset.jsonl`. Treat it as you treat the source."
            : "What came from the rows is left out of this folder. The prompt and the names of files are in it.");
        Line("The API key is not in it, nor any other secret.");
        Before();
        Look();
        Resume();
        Slice();
        Review();
        Archives();
        Promote();
        RollBack();
        Purge();
        Contents();
        return text.ToString();
    }

    private void Before()
    {
        Head("Before the first command");
        Line($"The state lies in {Code(place.Store)} and the job file is {Code(place.JobFile)}. Set the key of your workspace yourself; it is read from the environment only.");
        List<string> lines = ["export ANTHROPIC_API_KEY"];
        if (place.Address is { } address)
            lines.Add($"export ANTHROPIC_BASE_URL={Shell.Quoted(address)}");
        if (place.Store != StoreBeside())
            lines.Add($"export {Stores.StoreFolder.Variable}={Shell.Quoted(place.Store)}");
        lines.Add($"muster check {job}");
        Commands(lines);
    }

    private string StoreBeside() => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(place.JobFile))!, ".muster");

    private void Look()
    {
        Head("See where it stands");
        Commands([$"muster status {job} --run {run}", $"muster reconcile {job}", $"muster report {job} --run {run} --html report.html"]);
    }

    private void Resume()
    {
        Head("Resume");
        if (account.Run.IsRerun() && RunStates.IsFinal(account.Run.State))
        {
            Line($"{run} is {EnumName.Words(account.Run.State)}: there is nothing to resume.");
            return;
        }

        Line(RunStates.IsFinal(account.Run.State)
            ? $"{run} is {EnumName.Words(account.Run.State)}: there is nothing to resume. The command opens a new run when the source or the job changed, and does nothing otherwise."
            : $"{run} goes on from where it stands; nothing is asked twice. To finish it with the definition it was opened with although the job file changed: `--as-opened`.");
        Commands([$"muster {RunKinds.Verb(account.Run.Kind)} {job}", $"muster watch {job}"]);
    }

    private void Slice()
    {
        Head("Ask a part again");
        if (account.Run.IsOverPickedRows())
        {
            Line("Only rows of full runs are asked again.");
            return;
        }

        Line("A selection is shown with its rows and its cost (`--plan`) before anything is asked. This one is what was set aside; selectors also name reasons, batches, keys and values.");
        Commands([$"muster rerun {job} --run {run} --select state:quarantined --plan", $"muster rerun {job} --run {run} --select state:quarantined"]);
    }

    private void Review()
    {
        Head("Review what was set aside");
        Line($"{Amount.Of(account.Ledger.Quarantined, "row")} in quarantine, {Amount.Of(account.Ledger.HumanQueued, "row")} for a person.");
        List<string> lines = [$"muster review {run} --job {job}", $"muster quarantine {run} --job {job}"];
        lines.AddRange((account.Picture?.Issues.Groups ?? []).Take(3).Select(issue => $"muster quarantine show {issue.Fingerprint} --run {run} --job {job}"));
        Commands(lines);
    }

    private void Archives()
    {
        Head("Verify the archives");
        Line("Reads every result archive again: length, checksum, lines. With `--repair` damaged ones are fetched anew, as long as the service keeps them.");
        if (account.Report.Sent.Select(batch => batch.Remote?.CreatedAt).OfType<DateTimeOffset>().Order().Select(at => (DateTimeOffset?)at).FirstOrDefault() is { } first)
            Line($"The service removes the results of the oldest batch at {ReportText.Clock(first + Muster.Batches.RemoteBatch.ResultsKept)}.");
        Commands([$"muster verify {run} --job {job}"]);
    }

    private void Promote()
    {
        Head("Promote");
        if (account.Job.Target is not { } target)
        {
            Line("The job has no target: accepted outputs stay in staging.");
            return;
        }

        if (account.Run.IsOverPickedRows())
        {
            Line("Runs over picked rows are never promoted.");
            return;
        }

        Line($"Into {Code(target.Table is null ? target.Path : $"{target.Path}:{target.Table}")}, one transaction, with a receipt and a way back.");
        Commands([$"muster promote {job} --run {run} --dry-run", $"muster promote {job} --run {run}"]);
    }

    private void RollBack()
    {
        Head("Roll back");
        var live = account.Promotions.Where(receipt => receipt.State == PromotionState.Live).ToList();
        if (live.Count == 0)
        {
            Line("Nothing of this run is live in the target.");
            return;
        }

        Line("Only rows that still hold what was written are put back; the rest is listed.");
        Commands(live.SelectMany(receipt => (string[])[$"muster rollback {receipt.PromotionId} --job {job} --dry-run", $"muster rollback {receipt.PromotionId} --job {job}"]));
    }

    private void Purge()
    {
        Head("Purge");
        Line("Removes inputs, outputs, archives and the service's copies for good; counts and hashes stay. It does not reach this folder: delete it too.");
        Commands([$"muster purge {run} --job {job} --dry-run", $"muster purge {run} --job {job}"]);
    }

    private void Contents()
    {
        Head("What is in the folder");
        Line("| file | what |");
        Line("| --- | --- |");
        Line("| `report.html`, `report.md` | what the run did; the page needs no network |");
        if (account.HoldsRows)
            Line("| `quarantine.csv` | every quarantined row with its issue, safe to open in a spreadsheet |");
        if (evalSet is not null)
            Line($"| `evalset.jsonl` | {Excerpt.Of(evalSet, 400)} |");
        Line($"| `{account.Run.Job}.job.yaml`, `contract.schema.json` | the job and its contract as the run was opened with |");
        Line("| `ledger.json` | ledger, tokens and money by tier, reasons, batches |");
        Line("| `receipts.json` | the receipts of its promotions |");
        Line("| `prices.json` | the prices of its models, in the form that `MUSTER_PRICES` takes |");
        if (account.Drift is not null)
            Line("| `drift.json` | what the drift checks said |");
        Line("| `handoff.json`, `MANIFEST` | what this folder is, and the SHA-256 of each file |");
        Line("");
        foreach (var line in left)
            Line($"- Not here: {line}.");
        if (left.Count > 0)
            Line("");
        Line("To see that no file changed since, in this folder:");
        Commands(["muster handoff --check .", "sha256sum --check MANIFEST"]);
    }

    private void Head(string title)
    {
        Line("");
        Line($"## {title}");
        Line("");
    }

    private void Commands(IEnumerable<string> lines)
    {
        if (text.Length < 2 || text[^2] != '\n')
            Line("");
        Line("```sh");
        foreach (var line in lines)
            Line(line);
        Line("```");
    }

    // A path may hold what ends a code span.
    private static string Code(string text) => text.Contains('`', StringComparison.Ordinal) ? $"`` {Excerpt.Of(text, 400)} ``" : $"`{Excerpt.Of(text, 400)}`";

    // A word with a line break in it would end a command; there it is written out.
    private void Line(string line) => text.Append(line.ReplaceLineEndings(" ")).Append('\n');
}
