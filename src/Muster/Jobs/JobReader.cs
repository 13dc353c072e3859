using System.Text.RegularExpressions;

namespace Muster.Jobs;

/// <summary>Turns the tree of a job file into a <see cref="Job"/>, adding a fault for everything that stands in the way.</summary>
internal sealed partial class JobReader
{
    private readonly string path;
    private readonly string[] lines;
    private readonly string folder;
    private readonly JobOverrides overrides;
    private readonly FaultList faults;

    public JobReader(string path, string text, JobOverrides overrides, FaultList faults)
    {
        this.path = path;
        this.overrides = overrides;
        this.faults = faults;
        lines = text.Split('\n');
        folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    }

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    /// <summary>The job; only complete when no fault was added.</summary>
    public Job? Read(YamlMap root)
    {
        var map = new MapReader(root, JobFields.Job, "", faults);
        var name = Name(map);
        var source = Source(map.Map("source", JobFields.Source));
        var contract = Contract(map.Map("contract", JobFields.Contract));
        var prompt = Prompt(map.Map("prompt", JobFields.Prompt), contract);
        var tiers = Tiers(map);
        var target = Target(map.Map("target", JobFields.Target));
        var pilot = Pilot(map.Map("pilot", JobFields.Pilot));
        var budget = Budget(map.Map("budget", JobFields.Budget));
        var limits = Limits(map.Map("limits", JobFields.Limits));
        var fallback = Fallback(map.Map("fallback", JobFields.Fallback));
        var slices = Slices(map);
        var evals = Evals(map.Map("evals", JobFields.Evals));
        var alerts = Alerts(map.Map("alerts", JobFields.Alerts));
        map.Done();
        if (name is null || source is null || prompt is null || tiers is null || contract is null)
        {
            return null;
        }

        return new Job
        {
            Name = name,
            Directory = folder,
            Source = source,
            Prompt = prompt,
            Tiers = tiers,
            Contract = contract,
            Target = target,
            Pilot = pilot,
            Budget = budget,
            Limits = limits,
            Fallback = fallback,
            Slices = slices,
            Evals = evals,
            Alerts = alerts,
        };
    }

    private string? Name(MapReader map)
    {
        if (map.Take("job") is not { } node || map.AsText(node, "job") is not { } name)
        {
            return null;
        }

        return IsName(name) ? name : map.Wrong<string>(node, "job", "a name of 1 to 40 of the characters a-z, 0-9 and -");
    }

    private static PilotSpec Pilot(MapReader? map)
    {
        var defaults = new PilotSpec();
        var pilot = map is null ? defaults : new PilotSpec(map.Whole("rows", 1, JobBounds.MaxPilotRows) ?? defaults.Rows, map.Share("pass"), map.Flag("required") ?? defaults.Required);
        map?.Done();
        return pilot;
    }

    private IReadOnlyList<string> Slices(MapReader map)
    {
        var columns = map.Texts("slices") ?? [];
        if (columns.Count > Drift.ProfileShape.MaxSliceColumns)
            faults.Add(columns[0].Place, "slices", $"names {columns.Count} columns; at most {Drift.ProfileShape.MaxSliceColumns} are used", "Keep those by which answers differ most.");
        return [.. columns.Select(column => column.Text).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The file is read when a run needs it: a job may name a set before its pilot has written it.</summary>
    private EvalSpec? Evals(MapReader? map)
    {
        if (map is null)
            return null;
        var node = map.Take("set");
        var full = node is not null && map.AsText(node, "set") is { } written ? FullPath(new Placed(written, node.Place), map.PathOf("set")) : null;
        var evals = new EvalSpec(full ?? "") { GoldRows = map.Whole("gold_rows", 0, JobBounds.MaxGoldRows), Judge = map.Text("judge") };
        map.Done();
        return full is null ? null : evals;
    }

    private static BudgetSpec Budget(MapReader? map)
    {
        var budget = map is null ? new BudgetSpec() : new BudgetSpec(map.Usd("usd"), map.Share("failures"), map.Share("batches"));
        map?.Done();
        return budget;
    }

    private static LimitSpec Limits(MapReader? map)
    {
        var defaults = new LimitSpec();
        if (map is null)
        {
            return defaults;
        }

        var limits = new LimitSpec
        {
            BatchRows = map.Whole("batch_rows", 1, JobBounds.MaxBatchRows) ?? defaults.BatchRows,
            BatchBytes = map.Long("batch_bytes", 1_000, JobBounds.MaxBatchBytes) ?? defaults.BatchBytes,
            QueuedRequests = map.Whole("queued_requests", 1, JobBounds.MaxQueuedRequests) ?? defaults.QueuedRequests,
            Attempts = map.Whole("attempts", 1, JobBounds.MaxAttempts) ?? defaults.Attempts,
        };
        map.Done();
        return limits;
    }

    private static FallbackSpec? Fallback(MapReader? map)
    {
        if (map is null)
            return null;
        var usd = map.Usd("usd");
        var concurrent = map.Whole("concurrent", 1, JobBounds.MaxConcurrent);
        map.Done();
        return usd is null ? null : concurrent is { } calls ? new FallbackSpec(usd.Value) { Concurrent = calls } : new FallbackSpec(usd.Value);
    }

    /// <summary>The one field of <paramref name="names"/> that is given; a fault when none is or several are.</summary>
    private string? OneOf(MapReader map, params IReadOnlyList<string> names)
    {
        var given = names.Where(map.Has).ToList();
        if (given.Count == 1)
        {
            return given[0];
        }

        var message = given.Count == 0 ? $"needs one of {string.Join(", ", names)}" : $"has {string.Join(" and ", given)}; only one of them is allowed";
        faults.Add(map.Place, map.Path, message, given.Count == 0 ? $"Add `{names[0]}: …`." : $"Keep `{given[0]}` or `{given[1]}`.");
        return null;
    }

    private string? FullPath(Placed written, string field)
    {
        if (!written.Text.Contains('\0'))
        {
            return Path.GetFullPath(Path.Combine(folder, written.Text));
        }

        faults.Add(written.Place, field, $"{Excerpt.Quoted(written.Text)} is not a path", "Remove the NUL character.");
        return null;
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
