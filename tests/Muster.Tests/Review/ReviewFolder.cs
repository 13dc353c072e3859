using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Batches;
using Muster.Jobs;
using Muster.Requests;
using Muster.Results;
using Muster.Review;
using Muster.Runs;
using Muster.Sources;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

/// <summary>A store with one done run whose rows stand as a test wants them.</summary>
internal sealed class ReviewFolder
{
    public const string Good = """{"category":"Shoes","summary":"a shoe"}""";
    public const string Null = """{"category":null,"summary":"sparse"}""";
    public const string Bad = """{"category":"Sneaker","summary":"a shoe"}""";

    public static readonly DateTimeOffset Start = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    private ReviewFolder(string folder, Job job, Run run)
    {
        Folder = folder;
        Job = job;
        Run = run;
    }

    public string Folder { get; }

    public Job Job { get; }

    public Run Run { get; private set; }

    /// <param name="states">Of each row in turn: k1, k2 …</param>
    public static async Task<ReviewFolder> CreateAsync(params RowState[] states) => await CreateAsync(job => job, states);

    public static async Task<ReviewFolder> CreateAsync(Func<Job, Job> arrange, params RowState[] states)
    {
        var folder = Some.Folder();
        var job = arrange(Some.Job(folder));
        await using var store = SqliteStore.Open(folder, "a test", TimeProvider.System);
        var run = await store.OpenRunAsync(new RunOpening(job.Name, JobVersion.Of(job), JobSnapshot.ToJson(job), "full", "{}", ["sku", "name"], "RUN001", Start));
        await store.RecordRowsAsync(run.Id, 0, [.. states.Select((_, i) => new SourceRow($"p.csv:{i + 1}", $"k{i + 1}", Encoding.UTF8.GetBytes($"[\"k{i + 1}\",\"Shoe {i + 1}\"]")))], RepeatedKey.SetAside);
        await store.MoveRunAsync(run.Id, RunState.Running, null, Start);
        await AnswerAsync(store, run, states);
        (await store.MoveRunAsync(run.Id, RunState.Done, null, Start.AddHours(1))).ShouldBeTrue();
        return new ReviewFolder(folder, job, await store.RunAsync(run.Id));
    }

    public SqliteStore Open() => SqliteStore.Open(Folder, "a test", TimeProvider.System);

    public ReviewDesk Desk(string reviewer = "ada", TimeProvider? time = null) => new(Job, Run, Folder, reviewer, time ?? TimeProvider.System);

    public QuarantineDesk Quarantine(string reviewer = "ada") => new(Desk(reviewer), Folder, TimeProvider.System);

    /// <summary>Everything in the database but the trail, as text.</summary>
    public string Dump(params string[] without)
    {
        using var connection = Connect();
        var text = new StringBuilder();
        foreach (var table in (string[])["run", "ledger", "row", "staging", "evidence", "usage", "review_item", "review_vote", "decision", "decided_row", "review_event", "issue", "issue_sighting"])
        {
            if (without.Contains(table))
                continue;
            using var command = connection.CreateCommand();
            command.CommandText = $"select * from {table} order by 1, 2";
            using var reader = command.ExecuteReader();
            while (reader.Read())
                text.AppendLine($"{table} {string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) is byte[] blob ? Encoding.UTF8.GetString(blob) : $"{reader.GetValue(i)}"))}");
        }

        return text.ToString();
    }

    public void Execute(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public async Task BalancesAsync()
    {
        await using var store = SqliteStore.OpenForReading(Folder)!;
        var ledger = await store.LedgerAsync(Run.Id);
        ledger.Balances.ShouldBeTrue(ledger.ToString());
        (await store.AuditAsync(Run.Id)).ShouldBeEmpty();
    }

    public async Task<Ledger> LedgerAsync()
    {
        await using var store = SqliteStore.OpenForReading(Folder)!;
        return await store.LedgerAsync(Run.Id);
    }

    public async Task<ReviewCard> CardAsync(string key)
    {
        await using var store = SqliteStore.OpenForReading(Folder)!;
        return store.Card(Run.Id, key).ShouldNotBeNull();
    }

    public async Task<IReadOnlyDictionary<string, string>> StagedAsync()
    {
        await using var store = SqliteStore.OpenForReading(Folder)!;
        var staged = new Dictionary<string, string>();
        await foreach (var row in store.StagedAsync(Run.Id))
            staged[row.Key] = Encoding.UTF8.GetString(row.Output.Span);
        return staged;
    }

    /// <summary>Asks what waits and answers it.</summary>
    public static async Task AnswerAsync(SqliteStore store, Run run, params RowState[] states)
    {
        long last = 0;
        await foreach (var row in store.ReadPendingAsync(run.Id, 0, LaneRows.All, states.Length))
            last = row.RowId;
        var nonce = $"N{(await store.BatchesAsync(run.Id)).Count}";
        var intent = new BatchIntent(run.Id, 0, nonce, states.Length, last, [], 1000, new string('0', 64), "2026-10-21", 100, null, 200_000, null, Start);
        var batch = (await store.IntendBatchAsync(intent)).ShouldBeOfType<IntendOutcome.Sealed>().Batch;
        await store.OpenGateAsync(batch.Id, nonce, Start);
        var ended = new RemoteBatch($"msgbatch_{nonce}", RemoteStatus.Ended, new RequestCounts(0, states.Length, 0, 0, 0), Start, Start.AddHours(24), Start.AddMinutes(2), null, null);
        await store.ConfirmBatchAsync(batch.Id, nonce, ended with { Status = RemoteStatus.InProgress, EndedAt = null, Counts = new RequestCounts(states.Length, 0, 0, 0, 0) }, Proof.Reply);
        await store.ObserveBatchAsync(batch.Id, ended, Start);
        await store.RecordArchiveAsync(batch.Id, new Archive($"{batch.Name}.jsonl.gz", 10, new string('a', 64), states.Length, 100));
        var results = new List<ResultRecord>();
        await foreach (var request in store.ReadRequestsAsync(batch.Id))
            results.Add(Result(request, states[results.Count]));
        await store.RecordResultsAsync(batch.Id, results);
        (await store.SettleBatchAsync(batch.Id, Start)).ShouldBeTrue();
    }

    private static ResultRecord Result(RequestRow request, RowState to) => new(request.RequestId, request.RowId, ResultType.Succeeded,
        new RowMove(to, 0, request.Spent + 1, 1, VariantKind.Same, to switch
        {
            RowState.Succeeded => null,
            RowState.HumanQueued => "HUM.REQUESTED",
            RowState.Quarantined => "SHP.ENUM_UNKNOWN./category",
            _ => "API.TRANSIENT.server",
        }))
    {
        FailsRow = to is RowState.Errored or RowState.Expired or RowState.Canceled or RowState.Quarantined,
        Billing = new Billing("claude-haiku-4-5", 20, 5, 0, 0, 0, 0, 100, 200),
        Output = Encoding.UTF8.GetBytes(to switch { RowState.Succeeded => Good, RowState.HumanQueued => Null, RowState.Quarantined => Bad, _ => "" }),
        Message = to switch { RowState.Succeeded => null, RowState.HumanQueued => "the job asks for a person", _ => $"must be one of the values, but is \"Sneaker {request.RowId}\"" },
    };

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "muster.db")};Pooling=False");
        connection.Open();
        return connection;
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class HandClock(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset now = now;

    public override DateTimeOffset GetUtcNow() => now;

    public void Pass(TimeSpan time) => now += time;
}
