using System.Text.Json;
using Muster.Alerts;
using Muster.Claude;
using Muster.Contracts;
using Muster.Evals;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Requests;
using Muster.Runs;
using Muster.Sources;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster;

/// <summary>
/// The door of the library: runs a job, from wherever it stands. A run that was killed, paused or detached goes on; one whose
/// rows are all in a terminal state has nothing to do.
/// </summary>
public sealed class Runner : IAsyncDisposable
{
    private readonly Job job;
    private readonly IStore store;
    private readonly string folder;
    private readonly BatchesClient client;
    private readonly PipelineOptions options;

    /// <param name="folder">Where everything but the store's own records lies: archives, requests to cancel, the key secret.</param>
    internal Runner(Job job, IStore store, string folder, BatchesClient client, PipelineOptions options)
    {
        this.job = job;
        this.store = store;
        this.folder = folder;
        this.client = client;
        this.options = options;
    }

    /// <exception cref="StoreException">Another process works on the job's store, or it cannot be used.</exception>
    public static Runner Open(Job job, ClaudeOptions claude, PipelineOptions? options = null) => Open(job, claude, options, transport: null);

    /// <param name="transport">What carries the calls instead of a socket handler; null for that.</param>
    internal static Runner Open(Job job, ClaudeOptions claude, PipelineOptions? options, HttpMessageHandler? transport)
    {
        options ??= new PipelineOptions();
        _ = options.Alerts?.Addresses();
        var folder = StoreFolder.Of(job);
        SqliteStore store;
        try
        {
            store = SqliteStore.Open(folder, $"run {job.Name}", options.Time, options.Store);
        }
        catch (Exception problem) when (DiskFull.Of(problem, folder) is not null)
        {
            throw DiskFull.Of(problem, folder)!;
        }

        return new Runner(job, store, folder, new BatchesClient(claude with { Time = options.Time }, transport), options);
    }

    /// <summary>The store, for reading what the run did.</summary>
    internal IStore Store => store;

    /// <summary>Runs until every row is accounted for, or something says stop; see <see cref="RunEnd.Outcome"/>.</summary>
    /// <exception cref="MusterException">The job, its source, its contract or the store cannot be used; nothing was sent.</exception>
    /// <exception cref="DiskFullException">There is no room for the store; running again goes on from where the run stands.</exception>
    /// <exception cref="StoreException">The store is damaged, or another program has it locked.</exception>
    public Task<RunEnd> RunAsync(CancellationToken cancellationToken = default) => WithStoreAsync(() => RunOrResumeAsync(cancellationToken));

    private async Task<RunEnd> RunOrResumeAsync(CancellationToken cancellationToken)
    {
        var (run, isNew) = await FindOrOpenAsync(cancellationToken);
        if (run is null)
        {
            var last = await LatestAsync(options.Scope.Kind, cancellationToken);
            if (last!.CarriesGold)
                await new EvalReader(store, options.Time).KeepGoldAsync(last, cancellationToken);
            var left = await LookAgainAsync(last!, cancellationToken);
            return new RunEnd(RunOutcome.NothingToDo, last!, await store.LedgerAsync(last!.Id, cancellationToken), left)
            {
                Duplicates = (await store.DuplicatesAsync(last!.Id, cancellationToken)).Count,
            };
        }

        return await ContinueAsync(run, isNew, cancellationToken);
    }

    /// <summary>Cancels the job's unfinished run: what is in flight is canceled at the remote, what finished is kept.</summary>
    public Task<RunEnd?> CancelAsync(CancellationToken cancellationToken = default) => WithStoreAsync<RunEnd?>(async () =>
    {
        if (await LatestAsync(cancellationToken) is not { } run || RunStates.IsFinal(run.State))
            return null;
        new CancelRequests(folder).Request(run.Name);
        return await ContinueAsync(run, isNew: false, cancellationToken);
    });

    /// <summary>What a run of this job did so far: ledger, usage, batches and the reasons of the rows that were not accepted.</summary>
    public Task<RunReport> ReportAsync(Run run, CancellationToken cancellationToken = default) =>
        WithStoreAsync(() => RunReport.ReadAsync(store, run, ReportScope.Full, cancellationToken));

    /// <summary>
    /// Leaves a request to cancel the job's unfinished run, for the process that works on it now or the next one that does. Takes no
    /// lock and asks nothing of the remote. Null when there is no unfinished run.
    /// </summary>
    public static async Task<Run?> RequestCancelAsync(Job job, CancellationToken cancellationToken = default)
    {
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job));
        if (store is null || (await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job.Name) is not { } last
            || RunStates.IsFinal(last.State))
            return null;
        new CancelRequests(store.Folder).Request(last.Name);
        return last;
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await store.DisposeAsync();
    }

    /// <summary>The one place where a full disk, a damaged page or another program's lock becomes its refusal, wherever in a run it was met.</summary>
    private Task<T> WithStoreAsync<T>(Func<Task<T>> work) => StoreRefusal.NamedAsync(folder, work);

    private async Task<RunEnd> ContinueAsync(Run run, bool isNew, CancellationToken cancellationToken)
    {
        var asOpened = JobSnapshot.FromJson(run.Snapshot);
        // Picked rows are harder than the source, and a rerun's failed before: the full run's share of failures says nothing of them, nor does its
        // share of failed batches of so few. Of pilots `pilot.pass` judges.
        // Money and patience may be changed while a run is under way; what is asked and of whom may not.
        var budget = run.IsFull() ? job.Budget : job.Budget with { Failures = null, Batches = null };
        var current = asOpened with { Budget = budget, Limits = job.Limits, Fallback = job.Fallback, Target = job.Target, Alerts = job.Alerts };
        using var alerts = new AlertListener(current, store, folder, options).For(run);
        var context = new RunContext(run, current, store, client, options with { Progress = alerts }, Tools(current, run.Columns));
        if (run.State is RunState.Paused or RunState.Held)
            await store.MoveRunAsync(run.Id, RunState.Running, null, options.Time.GetUtcNow(), cancellationToken);
        context.Tell(RunEventKind.Opened, isNew ? $"{run.Job} version {run.JobVersion}" : $"resuming {run.Job} version {run.JobVersion}");
        var end = await new Conductor(context, new Pipeline(context, SqliteStore.ArchivesIn(folder)), new CancelRequests(folder)).RunAsync(cancellationToken);
        if (end.Outcome == RunOutcome.Done && run.CarriesGold)
            context.Tell(RunEventKind.Graded, (await new EvalReader(store, options.Time).KeepGoldAsync(end.Run, cancellationToken)).Gate.Sentence);
        await alerts.DrainAsync();
        return end;
    }

    /// <summary>What is left to look at for duplicates of a run that is over. A purged one is let be: a duplicate's archive would bring its words back.</summary>
    private async Task<string?> LookAgainAsync(Run run, CancellationToken cancellationToken)
    {
        if (store is SqliteStore sqlite && sqlite.Purges(run.Id).Count > 0)
            return null;
        var asOpened = JobSnapshot.FromJson(run.Snapshot);
        var context = new RunContext(run, asOpened, store, client, options, Tools(asOpened, run.Columns));
        return await new LateAudit(context, SqliteStore.ArchivesIn(folder)).LookAsync(cancellationToken);
    }

    private async Task<(Run? Run, bool IsNew)> FindOrOpenAsync(CancellationToken cancellationToken)
    {
        var version = JobVersion.Of(job);
        var last = await LatestAsync(cancellationToken);
        if (last is not null && !RunStates.IsFinal(last.State))
        {
            if (last.Kind != options.Scope.Kind)
                throw new OtherRunException(last.Name, last.Kind, options.Scope.Kind);
            if (!string.Equals(last.JobVersion, version, StringComparison.Ordinal) && !options.AsOpened)
            {
                throw new JobChangedException(last.Name, last.JobVersion, version);
            }

            if (last.State == RunState.Reading)
                await RefuseChangedSourceAsync(last, cancellationToken);
            return (last, false);
        }

        if (options.Scope.IsRerun)
            return (null, false);
        var fingerprint = await SourceFingerprint.ComputeAsync(job.Source, cancellationToken);
        last = await LatestAsync(options.Scope.Kind, cancellationToken);
        if (last is { State: RunState.Done } && string.Equals(last.JobVersion, version, StringComparison.Ordinal)
            && fingerprint.ChangeSince(Fingerprint(last)) is null && !options.Anew && await IsAskedForAsync(last, cancellationToken))
            return (null, false);
        return (await OpenAsync(version, fingerprint, cancellationToken), true);
    }

    /// <summary>True when a run over picked rows or cases has those that are wanted now.</summary>
    private async Task<bool> IsAskedForAsync(Run run, CancellationToken cancellationToken) => options.Scope.Cases is { } cases
        ? await store.EvalSetAsync(run.Id, cancellationToken) is { } asked && asked.Hash == cases.Set.Hash && asked.JudgesRun == cases.Set.JudgesRun
        : run.IsFull() || (await store.PickAsync(run.Id, cancellationToken) is { } pick
            && pick.Wanted == RowsToPick && pick.Seed == (options.Scope.Seed ?? RunScope.DefaultSeed));

    private int RowsToPick => options.Scope.Rows ?? PilotStages.RowsOf(options.Scope.Stage, job.Pilot.Rows) ?? job.Pilot.Rows;

    private async Task<Run> OpenAsync(string version, SourceFingerprint fingerprint, CancellationToken cancellationToken)
    {
        await using var source = await Source.OpenAsync(job.Source, cancellationToken);
        Tools(job, source.Columns);
        var isFull = options.Scope.IsFull;
        var unpiloted = isFull && await store.PilotLockAsync(job.Name, version, cancellationToken) is null;
        if (unpiloted && job.Pilot.Required && !options.Unpiloted)
            throw new PilotRequiredException(job.Name, version, await PilotLocker.LockedBeforeAsync(store, job, cancellationToken));
        var gold = isFull ? GoldSet() : null;
        var opening = new RunOpening(job.Name, version, JobSnapshot.ToJson(job), options.Scope.Kind, JsonSerializer.Serialize(fingerprint), source.Columns,
            options.Chance.Name(CustomId.RunChars), options.Time.GetUtcNow())
        {
            Unpiloted = unpiloted, Pick = isFull || options.Scope.Cases is not null ? null : await PickAsync(source, cancellationToken),
            EvalSet = gold ?? options.Scope.Cases?.Set, CarriesGold = gold is not null,
        };
        return await store.OpenRunAsync(opening, cancellationToken);
    }

    /// <summary>The eval set whose cases ride in the batches of a full run; null when the job names none.</summary>
    /// <exception cref="MusterException">The job names one that is not there, or that does not fit its contract.</exception>
    private StoredEvalSet? GoldSet() => job.Evals is { GoldRows: not 0 } evals ? StoredEvalSet.Of(EvalSetFile.Load(evals.SetPath, job)) : null;

    /// <summary>A runner of another definition over the same store and remote; this one owns them.</summary>
    internal Runner Beside(Job other, PipelineOptions with) => new(other, store, folder, client, with);

    private async Task<RunPick> PickAsync(ISource source, CancellationToken cancellationToken)
    {
        var picked = await HardRowPicker.PickAsync(
            source, job.Prompt, job.Source.Key, new HardRowOptions(RowsToPick, options.Scope.Seed ?? RunScope.DefaultSeed), cancellationToken);
        return picked.Rows.Count > 0 ? RunPick.Of(picked) : throw new SourceException(
            $"{string.Join(", ", job.Source.Paths)} has no row that can be asked; a {options.Scope.Kind} run has nothing to pick from.", "Run `muster check`.");
    }

    private static async Task RefuseChangedSourceAsync(Run run, CancellationToken cancellationToken)
    {
        var source = JobSnapshot.FromJson(run.Snapshot).Source;
        var now = await SourceFingerprint.ComputeAsync(source, cancellationToken);
        if (now.ChangeSince(Fingerprint(run)) is { } change)
        {
            throw new SourceException($"{run.Name} was reading its source when it stopped, and since then {change}.",
                "Put the source back as it was, or run `muster cancel` and then `muster run` to begin with the new one.");
        }
    }

    private RunTools Tools(Job of, IReadOnlyList<string> columns)
    {
        var contract = Contract.Compile(of.Contract.SchemaJson, of.Contract.SchemaPath);
        var human = of.Contract.HumanQueueJson is { } json ? Contract.Compile(json, "contract.human_queue") : null;
        var prompt = PromptTemplates.Compile(of.Prompt, columns);
        var prices = Prices.Load(options.PriceFile);
        var renderers = of.Tiers.Select(tier => new RequestRenderer(prompt, tier, contract.ApiSchemaJson, prices.Find(tier.Model)?.MaxOutputTokens)).ToList();
        return new RunTools(contract, human, renderers, prompt, prices, KeySecret.Of(folder, options.Chance));
    }

    private async Task<Run?> LatestAsync(CancellationToken cancellationToken) =>
        (await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job.Name);

    private async Task<Run?> LatestAsync(string kind, CancellationToken cancellationToken) =>
        (await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job.Name && run.Kind == kind);

    private static SourceFingerprint Fingerprint(Run run) => JsonSerializer.Deserialize<SourceFingerprint>(run.Fingerprint)!;
}
