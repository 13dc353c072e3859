using System.Runtime.InteropServices;
using Muster.Claude;
using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Checks;

/// <summary>Looks at the surroundings: runtime, store, disk, key, service, prices. Changes nothing and sends no request that costs.</summary>
internal sealed class Doctor(DoctorOptions options)
{
    // SQLite 3.7.0 to 3.51.2 can corrupt a WAL when two connections checkpoint at once; the store has one writer, which alone checkpoints.
    private static readonly Version SafeSqlite = new(3, 51, 3);

    private const long LittleDiskBytes = 5_000_000_000;
    private const long NoDiskBytes = 500_000_000;
    private const int OldPricesDays = 60;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(60);

    private readonly List<DoctorLine> lines = [];

    /// <param name="job">The job whose store, models and prices are looked at; null looks at the surroundings alone.</param>
    /// <param name="directory">The folder whose store is looked at when there is no job.</param>
    /// <param name="cancellationToken">Ends the waiting for the service.</param>
    public async Task<DoctorReport> ExamineAsync(Job? job, string directory, CancellationToken cancellationToken = default)
    {
        lines.Clear();
        Add("runtime", DoctorStatus.Ok, $".NET {Environment.Version} on {RuntimeInformation.OSDescription}");
        Sqlite();
        var folder = job is null ? StoreFolder.Of(directory) : StoreFolder.Of(job);
        Folder(folder);
        Disk(folder);
        Prices(job);
        await using var store = await OpenStoreAsync(folder);
        if (store is not null)
            lines.AddRange(await new BatchExamination(store, options.Time).ExamineAsync(cancellationToken));
        await ServiceAsync(store, cancellationToken);
        return new DoctorReport([.. lines]);
    }

    private void Sqlite()
    {
        SQLitePCL.Batteries_V2.Init();
        var text = SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
        if (Version.TryParse(text, out var version) && version >= SafeSqlite)
            Add("sqlite", DoctorStatus.Ok, text);
        else
            Add("sqlite", DoctorStatus.Warn, $"{text}; before {SafeSqlite} two connections that checkpoint at once can corrupt a database",
                "Let no other program write to the store's database; Muster itself writes with one connection.");
    }

    private void Folder(string folder)
    {
        if (FolderProbe.WhyUnwritable(folder) is { } why)
        {
            Add("store", DoctorStatus.Fail, $"{folder} cannot be written: {why}", $"Give yourself the right to write there, or name another folder in {StoreFolder.Variable}.");
            return;
        }

        if (!Directory.Exists(folder))
        {
            Add("store", DoctorStatus.Ok, $"{folder} is not there yet; the first run makes it");
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Add("store", DoctorStatus.Ok, folder);
            return;
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        // A folder that only its owner may enter guards what is in it.
        if ((File.GetUnixFileMode(folder) & others) != UnixFileMode.None)
            Add("store", DoctorStatus.Warn, $"{folder} may be read by other users; it holds rows and answers", $"chmod 700 {folder}");
        else
            Add("store", DoctorStatus.Ok, $"{folder}, readable by its owner alone");
    }

    private void Disk(string folder)
    {
        var path = Path.GetFullPath(folder);
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } above)
            path = above;
        try
        {
            var free = new DriveInfo(path).AvailableFreeSpace;
            var text = $"{free / 1e9:0.0} GB free";
            if (free < NoDiskBytes)
                Add("disk", DoctorStatus.Fail, text, "Free some space before running.");
            else if (free < LittleDiskBytes)
                Add("disk", DoctorStatus.Warn, text, "600,000 rows of about 1 KB take some 2 GB with their archives; free some space.");
            else
                Add("disk", DoctorStatus.Ok, text);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Add("disk", DoctorStatus.Warn, $"the free space of {path} is unknown: {problem.Message}", "Look at it yourself.");
        }
    }

    private void Prices(Job? job)
    {
        Prices prices;
        try
        {
            prices = Claude.Prices.Load();
        }
        catch (PricesException refusal)
        {
            Add("prices", DoctorStatus.Fail, refusal.Message, refusal.Hint);
            return;
        }

        var today = DateOnly.FromDateTime(options.Time.GetUtcNow().UtcDateTime);
        var age = today.DayNumber - prices.File.AsOf.DayNumber;
        if (age > OldPricesDays)
            Add("prices", DoctorStatus.Warn, $"as of {prices.File.AsOf:yyyy-MM-dd}, {age} days old", $"Compare them with the published ones; name a newer file in {Claude.Prices.PathVariable}.");
        else
            Add("prices", DoctorStatus.Ok, $"as of {prices.File.AsOf:yyyy-MM-dd}");
        if (job is null)
            return;
        var findings = RequestRules.Check(job, prices, today).Where(finding => finding.Where.EndsWith(".model", StringComparison.Ordinal)).ToList();
        foreach (var finding in findings)
            Add("models", finding.Severity == RuleSeverity.Fault ? DoctorStatus.Fail : DoctorStatus.Warn, $"{finding.Where}: {finding.What}", finding.Hint);
        if (findings.Count == 0)
            Add("models", DoctorStatus.Ok, string.Join(", ", job.Tiers.Select(tier => tier.Model)));
    }

    private async Task<SqliteStore?> OpenStoreAsync(string folder)
    {
        SqliteStore? store = null;
        try
        {
            store = SqliteStore.OpenForReading(folder);
            store?.RefuseDamaged();
            if (store is not null)
                Add("store", DoctorStatus.Ok, "every page of the database holds together");
            return store;
        }
        catch (StoreException refusal)
        {
            if (store is not null)
                await store.DisposeAsync();
            Add("store", DoctorStatus.Fail, refusal.Message, refusal.Hint);
            return null;
        }
    }

    private async Task ServiceAsync(SqliteStore? store, CancellationToken cancellationToken)
    {
        ClaudeOptions claude;
        try
        {
            claude = ClaudeOptions.FromEnvironment();
        }
        catch (ClaudeException refusal)
        {
            Add("service", DoctorStatus.Fail, refusal.Message, refusal.Hint);
            return;
        }

        Add("key", DoctorStatus.Ok, "ANTHROPIC_API_KEY is set");
        if (options.Offline)
        {
            Add("service", DoctorStatus.Ok, $"{claude.BaseUrl}, not asked");
            return;
        }

        using var client = new BatchesClient(claude);
        var reply = await client.ListAsync(null, cancellationToken);
        if (reply is not RemoteReply<BatchPage>.Answered answered)
        {
            var isAccount = reply is RemoteReply<BatchPage>.Refused { Error.Cause: ErrorCause.Account };
            Add("service", DoctorStatus.Fail, $"{claude.BaseUrl}: {RemoteComparison.Why(reply)}", isAccount
                ? "Check the key and what it may do in its workspace."
                : "Check the address, the network and a proxy on the way.");
            return;
        }

        Add("service", DoctorStatus.Ok, $"{claude.BaseUrl} answers, {answered.Value.Batches.Count}{(answered.Value.HasMore ? " or more" : "")} batches in the workspace");
        if (store is not null)
            lines.AddRange(await new OrphanSearch(store, client).SearchAsync(cancellationToken));
        if (answered.ServerTime is not { } server)
            return;
        var off = (options.Time.GetUtcNow() - server).Duration();
        if (off > ClockTolerance)
            Add("clock", DoctorStatus.Warn, $"{off.TotalSeconds:0} s apart from the service's",
                claude.BaseUrl.IsLoopback ? "A simulator's clock may run fast; beside one, nothing needs to be done." : "Set this machine's clock; times in reports are its own.");
        else
            Add("clock", DoctorStatus.Ok, $"within {Math.Ceiling(off.TotalSeconds):0} s of the service's");
    }

    private void Add(string name, DoctorStatus status, string found, string? next = null) => lines.Add(new DoctorLine(name, status, found, next));
}
