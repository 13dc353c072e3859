using System.Globalization;
using Muster.Claude;
using Muster.Contracts;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Requests;
using Muster.Sources;
using Muster.Stores;

namespace Muster.Checks;

/// <summary>
/// Looks at everything that a run needs before it is started: contract, prompts, request rules, target, folders, and every row of the
/// source. Finds all faults in one go, sends nothing and writes nothing that stays.
/// </summary>
public static class Checker
{
    public static async Task<CheckReport> CheckAsync(Job job, CheckOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        options ??= new CheckOptions();
        var today = DateOnly.FromDateTime(options.Time.GetUtcNow().UtcDateTime);
        var findings = new List<CheckFinding>();
        var prices = LoadPrices(options, findings);
        var contract = Compile(job.Contract.SchemaJson, job.Contract.SchemaPath, findings);
        if (job.Contract.HumanQueueJson is { } human)
            Compile(human, "contract.human_queue", findings);
        findings.AddRange(RequestRules.Check(job, prices, today).Select(Of));
        AddObstacles(job, contract, findings);
        if (contract is not null)
            findings.AddRange(EvalCheck.Of(job));
        await AddTargetAsync(job, options, findings, cancellationToken);
        await AddStoreAsync(job, findings);
        var (source, requests) = await ReadAsync(job, contract, prices, options, findings, cancellationToken);
        var forecast = requests is null ? null : Forecaster.Of(job, requests, prices, today, options.EscalatedShare);
        if (forecast is not null)
            findings.AddRange(Forecaster.Findings(job, forecast, prices));
        return new CheckReport(job.Name, JobVersion.Of(job), [.. findings.OrderByDescending(finding => finding.Severity)], source, forecast);
    }

    /// <summary>The report of a job whose file cannot even be read.</summary>
    internal static CheckReport Unreadable(JobFileException refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return new CheckReport("", "", [.. refusal.Faults.Select(fault => new CheckFinding(CheckSeverity.Fault,
            fault.Field.Length == 0 ? fault.Place : $"{fault.Place}: {fault.Field}", fault.Message, fault.Hint))], null, null);
    }

    private static Prices LoadPrices(CheckOptions options, List<CheckFinding> findings)
    {
        try
        {
            return Prices.Load(options.PriceFile);
        }
        catch (PricesException refusal)
        {
            findings.AddRange(refusal.Faults.Select(fault => Fault(refusal.Path, fault, refusal.Hint)));
            return Prices.BuiltIn;
        }
    }

    private static Contract? Compile(string json, string path, List<CheckFinding> findings)
    {
        try
        {
            return Contract.Compile(json, path);
        }
        catch (ContractException refusal)
        {
            findings.AddRange(refusal.Faults.Select(fault => Fault(
                $"{path}{(fault.Pointer.Length == 0 ? "" : $" at {fault.Pointer}")}", fault.What, fault.Hint)));
            return null;
        }
    }

    private static void AddObstacles(Job job, Contract? contract, List<CheckFinding> findings)
    {
        if (contract is null || contract.ApiObstacles.Count == 0)
            return;
        for (var i = 0; i < job.Tiers.Count; i++)
        {
            if (job.Tiers[i].StructuredOutput)
            {
                findings.Add(Fault($"tiers[{i}].structured_output", string.Join(" ", contract.ApiObstacles),
                    "Set `structured_output: false` for the tier, or change the contract."));
            }
        }
    }

    private static async Task AddTargetAsync(Job job, CheckOptions options, List<CheckFinding> findings, CancellationToken cancellationToken)
    {
        if (job.Target is not { } target)
        {
            findings.Add(new CheckFinding(CheckSeverity.Note, "target", "there is none: accepted outputs stay in staging",
                "Add a `target` before `muster promote`."));
            return;
        }

        foreach (var fault in await Targets.Open(target, options.Time).CheckAsync(cancellationToken))
            findings.Add(Fault("target", fault.Message, fault.Hint));
    }

    private static async Task AddStoreAsync(Job job, List<CheckFinding> findings)
    {
        var folder = StoreFolder.Of(job);
        if (FolderProbe.WhyUnwritable(folder) is { } why)
        {
            findings.Add(Fault(folder, $"the store cannot be kept here: {why}", $"Give yourself the right to write there, or name another folder in {StoreFolder.Variable}."));
            return;
        }

        try
        {
            await using var store = Stores.Sqlite.SqliteStore.OpenForReading(folder);
        }
        catch (StoreException refusal)
        {
            findings.Add(Fault("", refusal.Message, refusal.Hint));
        }
    }

    private static async Task<(SourceCheck? Source, RequestSurvey? Requests)> ReadAsync(
        Job job, Contract? contract, Prices prices, CheckOptions options, List<CheckFinding> findings, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = await Source.OpenAsync(job.Source, cancellationToken);
            var prompt = Bind(job, source.Columns, findings);
            var requests = prompt is null || contract is null ? null : new RequestSurvey(job, prompt, contract.ApiSchemaJson, prices);
            var read = await new SourceSurvey(job, requests, options).ReadAsync(source, cancellationToken);
            AddRows(job, read, findings);
            return (read, requests);
        }
        catch (SourceException refusal)
        {
            findings.Add(Fault("", refusal.Message, refusal.Hint));
            return (null, null);
        }
    }

    private static PromptTemplates? Bind(Job job, IReadOnlyList<string> columns, List<CheckFinding> findings)
    {
        PromptTemplates? bound = null;
        var isBound = true;
        // One after the other, so that the faults of both are listed.
        foreach (var part in (PromptSpec[])[job.Prompt with { System = null }, job.Prompt])
        {
            try
            {
                bound = PromptTemplates.Compile(part, columns);
            }
            catch (TemplateException refusal)
            {
                if (isBound || refusal.Name == "prompt.system")
                {
                    findings.AddRange(refusal.Faults.Select(fault => Fault(
                        string.Create(CultureInfo.InvariantCulture, $"{refusal.Name}, line {fault.Line}, column {fault.Column}"), fault.Message, fault.Hint)));
                }

                isBound = false;
            }
        }

        return isBound ? bound : null;
    }

    private static void AddRows(Job job, SourceCheck read, List<CheckFinding> findings)
    {
        // What is beside the job file is named as it is there: the examples begin with the same name.
        var paths = string.Join(", ", job.Source.Paths.Select(path => Path.GetDirectoryName(path) == job.Directory ? Path.GetFileName(path) : path));
        if (read.Records == 0)
            findings.Add(Fault(paths, "there are no rows", "Check that it is the right file."));
        else if (read.Askable == 0)
            findings.Add(Fault(paths, $"none of the {read.Rows} rows can be asked; the first: {read.SetAside[0].Places[0]}", "Correct the source."));
        foreach (var reason in read.SetAside)
        {
            findings.Add(new CheckFinding(CheckSeverity.Warning, paths,
                $"{reason.Rows} of {read.Rows} rows would be set aside as {reason.Reason}, the first: {reason.Places[0]}",
                "Correct them, or let the run set them aside: `muster report` lists them."));
        }

        if (job.Budget.Failures is { } share && read.SetAsideRows > share * read.Rows)
        {
            findings.Add(new CheckFinding(CheckSeverity.Note, "budget.failures",
                $"{read.SetAsideRows} of {read.Rows} rows are set aside before asking; they do not count as failures", "Look at the reasons above."));
        }
    }

    private static CheckFinding Of(RuleFinding finding) => new(
        finding.Severity == RuleSeverity.Fault ? CheckSeverity.Fault : CheckSeverity.Warning, finding.Where, finding.What, finding.Hint);

    private static CheckFinding Fault(string where, string what, string hint) => new(CheckSeverity.Fault, where, what, hint);
}
