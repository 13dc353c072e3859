using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Muster.Alerts;
using Muster.Claude;
using Muster.Evals;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Reports;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Handoffs;

/// <summary>Writes a handoff beside its place, whole and flushed, then puts it there with one rename.</summary>
/// <param name="account">Without the words of rows when they are to be left out.</param>
/// <param name="locked">The pilot that the run's version is locked on, or null.</param>
internal sealed class HandoffWriter(IStore store, RunAccount account, PilotLock? locked, Prices prices, RunbookPlace place, Job job, HandoffOptions options)
{
    private const string SchemaFile = "contract.schema.json";
    private const string EvalSetFile = "evalset.jsonl";
    private const int MaxAside = 1_000;
    private const int MaxWhyChars = 300;

    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private readonly Redaction redaction = new(Secrets(job, options));
    private readonly List<string> left = [];

    public async Task<HandoffReceipt> WriteAsync(string folder, CancellationToken cancellationToken = default)
    {
        try
        {
            HandoffPlace.Refuse(folder, job, place.Store);
            await RefuseForeignAsync(folder, cancellationToken);
            var beside = Path.Combine(Path.GetDirectoryName(folder)!, $".{Path.GetFileName(folder)}.muster-partial");
            MakeEmpty(beside);
            await FillAsync(beside, cancellationToken);
            var files = await HandoffManifest.WriteAsync(beside, cancellationToken);
            Durable.Folder(beside);
            var aside = await SwapAsync(beside, folder);
            Durable.Folder(Path.GetDirectoryName(folder)!);
            return new HandoffReceipt(folder, account.Run.Name, files, options.Rows, aside, redaction.Count);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new HandoffException($"The handoff cannot be written to {folder}: {problem.Message}", "Name a folder whose parent exists and is yours, with room on the disk.", problem);
        }
    }

    /// <summary>What stands there gives way when it is a handoff: unchanged, or changed and to be moved aside. Anything else stays.</summary>
    private async Task RefuseForeignAsync(string folder, CancellationToken cancellationToken)
    {
        if (new FileInfo(folder).LinkTarget is not null)
            throw new HandoffException($"{folder} is a link.", "Name a folder, or what it points to.");
        if (File.Exists(folder))
            throw new HandoffException($"{folder} is a file.", "Name a folder, or move the file away.");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        // What is no handoff was never ours to move: somebody may need it in its place.
        if (!HandoffManifest.IsLabelled(folder))
            throw new HandoffException($"{folder} is not empty and not a handoff.", "Name another folder: --force moves aside a handoff that was changed, and nothing else.");
        var check = await CheckOrNullAsync(folder, cancellationToken);
        if (check is { IsWhole: true } || options.Replace == HandoffReplace.MoveAside)
            return;
        throw new HandoffException($"{folder} is a handoff that was changed since: {(check is null ? $"its {HandoffManifest.FileName} cannot be read" : Excerpt.List([.. check.Changed, .. check.Missing, .. check.Unlisted]))}.",
            "Name another folder, or repeat it with --force: what is there is moved aside, not deleted.");
    }

    private static async Task<HandoffCheck?> CheckOrNullAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await HandoffManifest.CheckAsync(folder, cancellationToken);
        }
        catch (HandoffException)
        {
            // Its manifest is no longer one: somebody changed it, so it is not ours to replace.
            return null;
        }
    }

    private async Task FillAsync(string folder, CancellationToken cancellationToken)
    {
        var now = options.Time.GetUtcNow();
        var run = account.Run;
        using (var page = Open(folder, "report.html"))
            new ReportPage(account, Shell.Quoted(place.JobFile), now).Write(page);
        using (var markdown = Open(folder, "report.md"))
            RunAccountMarkdown.Write(account, markdown);
        if (options.Rows == HandoffRows.With)
        {
            await using var csv = Open(folder, "quarantine.csv");
            await QuarantineCsv.WriteAsync(store, run, csv, cancellationToken);
        }
        else
        {
            left.Add("quarantine.csv: left out with the rows");
        }

        var evalSet = await EvalSetAsync(folder, cancellationToken);
        Put(folder, $"{run.Job}.job.yaml", FrozenJob.ToYaml(account.Job, run.Name, SchemaFile));
        Put(folder, SchemaFile, account.Job.Contract.SchemaJson);
        Put(folder, "prices.json", PriceFileWriter.ToJson(prices.File, Models()));
        Put(folder, "ledger.json", Json(new
        {
            schema = "muster.ledger/1", run = run.Name, run.Job, run.JobVersion, run.Kind, run.State, run.Why, run.OpenedAt, run.EndedAt, run.Records, run.Merged, account.Ledger, account.Usage,
            account.Report.Duplicates, account.Savings, account.Reasons, account.Batches,
        }));
        Put(folder, "receipts.json", Json(new { schema = "muster.receipts/1", run = run.Name, trouble = account.TargetTrouble, receipts = Receipts() }));
        if (account.Drift is { } drift)
            Put(folder, "drift.json", Json(new { schema = "muster.handoff-drift/1", run = run.Name, drift.Worst, drift.Sentence, drift.Comparisons, drift.Findings }));
        else
            left.Add("drift.json: drift was not measured");
        Put(folder, "RUNBOOK.md", new Runbook(account, place, evalSet, left).Text(now));
        Put(folder, HandoffManifest.Label, Json(new { schema = HandoffManifest.Schema, run.Job, run = run.Name, run.JobVersion, writtenAt = now, rows = options.Rows, left, redacted = redaction.Count }));
    }

    /// <summary>The set that the run was opened with, or else the job's as people left it.</summary>
    /// <returns>What it is, in words; null when it is left out.</returns>
    private async Task<string?> EvalSetAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Evals.EvalSetFile.PathOf(job);
        var stored = await store.EvalSetAsync(account.Run.Id, cancellationToken);
        var why = options.Rows == HandoffRows.Without ? "left out with the rows"
            : account.Job.Source.Key.Sensitive ? "the job calls its keys sensitive"
            : stored is { Body.IsEmpty: true } ? "its words were purged"
            : stored is null && !File.Exists(path) ? "the run carried none, and the job has none by now" : null;
        if (why is not null)
            return Left(why);
        if (stored is not null)
        {
            Put(folder, EvalSetFile, Encoding.UTF8.GetString(stored.Body.Span));
            return $"the eval set {stored.Name}@{stored.Version}, with which the run was opened";
        }

        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        try
        {
            var set = EvalSetReader.Read(bytes, path, schemaJson: null);
            Put(folder, EvalSetFile, Encoding.UTF8.GetString(bytes));
            return $"the job's eval set {set}{(locked is not null && locked.EvalSetSha256 == Convert.ToHexStringLower(SHA256.HashData(bytes)) ? $", which locked the version at {ReportText.Clock(locked.LockedAt)}" : "")}";
        }
        catch (EvalSetException refused)
        {
            return Left($"{Path.GetFileName(path)} cannot be used: {Excerpt.Of(refused.Message, MaxWhyChars)}");
        }

        string? Left(string reason)
        {
            left.Add($"{EvalSetFile}: {reason}");
            return null;
        }
    }

    /// <summary>Keys of rows stand in what a promotion left alone.</summary>
    private IEnumerable<Promotion.Receipt> Receipts() =>
        account.Job.Source.Key.Sensitive ? account.Promotions.Select(receipt => receipt with { Listed = [] }) : account.Promotions;

    private IEnumerable<ModelFacts> Models() => account.Job.Tiers.Select(tier => tier.Model).Concat(account.Usage.Select(usage => usage.Model)).Select(prices.Find).OfType<ModelFacts>().Distinct();

    private RedactedWriter Open(string folder, string name) => new(new StreamWriter(OwnerOnly.Open(Path.Combine(folder, name), FileMode.CreateNew), new UTF8Encoding(false)), redaction);

    private void Put(string folder, string name, string text)
    {
        using var file = Open(folder, name);
        file.Write(text);
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, Form) + "\n";

    private static void MakeEmpty(string folder)
    {
        // What a killed process left under this name is ours alone.
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Returns where what was there is now, or null. Once begun it is not canceled: it would leave two folders and name none.</summary>
    private static async Task<string?> SwapAsync(string beside, string folder)
    {
        string? aside = null;
        if (Directory.Exists(folder))
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
            else
            {
                aside = Enumerable.Range(1, MaxAside).Select(i => $"{folder}.before-{i}").FirstOrDefault(path => !Path.Exists(path))
                    ?? throw new IOException($"{MaxAside} folders were moved aside already.");
                Directory.Move(folder, aside);
            }
        }

        Directory.Move(beside, folder);
        // Read again: somebody may have put a file there while the new one was written.
        if (aside is null || !HandoffManifest.IsLabelled(aside) || await CheckOrNullAsync(aside, CancellationToken.None) is not { IsWhole: true })
            return aside;
        Directory.Delete(aside, recursive: true);
        return null;
    }

    private static List<string> Secrets(Job job, HandoffOptions options) =>
    [
        .. options.Secrets,
        .. ((string?[])[
            Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY"), Environment.GetEnvironmentVariable(AlertOptions.SecretVariable),
            Environment.GetEnvironmentVariable(AlertOptions.WebhookVariable), Environment.GetEnvironmentVariable(AlertOptions.SlackVariable),
            job.Alerts.Webhook?.ToString(), job.Alerts.Slack?.ToString(),
        ]).OfType<string>(),
    ];
}
