using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Runs;
using Muster.Selections;
using Muster.Sources;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Selections;

/// <summary>A store with made-up rows in any state, and the same rows in memory as selectors mean them.</summary>
internal sealed class RandomStore
{
    private static readonly DateTimeOffset Began = DateTimeOffset.Parse("2026-11-20T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly string?[] Reasons = [null, "SHP.SCHEMA./category", "SHP.SCHEMA./category/x", "SHP.SCHEMATA", "HUM.REQUESTED", "API.TRANSIENT.server", "Ж.Ж"];
    private static readonly string[] Outputs =
        ["""{"category":"Toys","n":3,"tags":["red","Ж"],"none":null}""", """{"category":"To\"ys","n":3.0,"ok":true}""", """{"category":null}""", "not json", "[1,2]", """{"category":"null"}"""];

    private readonly Random random;
    private readonly string folder = Some.Folder();
    private readonly Job job;
    private readonly List<Made> made = [];

    public RandomStore(int seed)
    {
        random = new Random(seed);
        job = Some.Job(folder);
    }

    public SelectorContext Context { get; } = new(Began.AddHours(10), new Dictionary<string, IReadOnlySet<string>>
    {
        ["keys.txt"] = new HashSet<string> { "A-1", "A-3", "B-2", "\u0416-4" }, ["none.txt"] = new HashSet<string> { "no such key" },
    });

    /// <summary>Rows as they stand, with the run and the row that a selection should name.</summary>
    public IEnumerable<(long RowId, RowFacts Facts)> Standing() =>
        made.GroupBy(row => row.Origin).Select(group => group.Where(row => row.Id == row.Origin || row.Facts.State != RowState.Canceled).MaxBy(row => row.Id)!).Select(row => (row.Id, row.Facts));

    public async Task<(SqliteStore Store, RunFamily Family)> OpenAsync(int rows)
    {
        await using (var store = SqliteStore.Open(folder, "test", TimeProvider.System))
        {
            var full = await OpenRunAsync(store, RunKinds.Full, 0);
            await store.RecordRowsAsync(full.Id, 0, [.. Enumerable.Range(0, rows).Select(i => new SourceRow($"p.csv:{i + 2}", Key(i), Encoding.UTF8.GetBytes($"[\"{Key(i)}\",\"{(i % 3 == 0 ? "Шкаф" : "shelf")}\"]")))], RepeatedKey.SetAside);
            for (var i = 0; i < 2; i++)
                await OpenRunAsync(store, RunKinds.Rerun, i + 1);
        }

        Fill(rows);
        var read = SqliteStore.OpenForReading(folder)!;
        return (read, await read.FamilyAsync((await read.RunsAsync())[0]));
    }

    private static string Key(int i) => $"{(i % 3) switch { 0 => "A", 1 => "B", _ => "\u0416" }}-{i}";

    private Task<Run> OpenRunAsync(SqliteStore store, string kind, int number) => store.OpenRunAsync(new RunOpening(
        job.Name, JobVersion.Of(job), JobSnapshot.ToJson(job), kind, "{\"Files\":[]}", ["sku", "name"], $"TAG{number}", Began.AddHours(number)));

    private void Fill(int rows)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "muster.db")};Pooling=False");
        connection.Open();
        Do(connection, "begin");
        for (var batch = 1; batch <= 6; batch++)
        {
            var isSettled = batch % 2 == 0;
            Do(connection, "insert into batch (batch_id, name, run_id, tier, state, nonce, requests, first_row_id, last_row_id, body_bytes, body_sha256, api_version, reserved_pico, sealed_at, remote_id, proof, settled_at)"
                + " values ($1, $2, $3, 0, $4, $2, 1, 1, 1, 1, '', '', 0, '', $5, 'reply', $6)",
                batch, $"b-{batch}", (batch - 1) / 2 + 1, isSettled ? "settled" : "archived", $"msgbatch_{batch}", isSettled ? At(batch) : null);
        }

        for (var i = 0; i < rows; i++)
            Put(connection, i + 1, i + 1, 1, Key(i));
        var next = rows;
        foreach (var run in new[] { 2, 3 })
        {
            Do(connection, "insert into rerun values ($1, 1, 'x', 0, '', $2)", run, At(1));
            for (var i = 0; i < rows; i++)
            {
                if (random.Next(3) > 0)
                    continue;
                next++;
                Do(connection, "insert into row (row_id, run_id, key, line, state) values ($1, $2, $3, $4, 0)", next, run, Key(i), $"p.csv:{i + 2}");
                Do(connection, "insert into row_input (row_id, input) select $1, input from row_input where row_id = $2", next, i + 1);
                Do(connection, "insert into rerun_row values ($1, $2)", next, i + 1);
                Put(connection, next, i + 1, run, Key(i));
            }
        }

        Do(connection, "commit");
    }

    private void Put(SqliteConnection connection, long id, long origin, int run, string key)
    {
        var (state, reason, tier) = ((RowState)random.Next(8), Reasons[random.Next(Reasons.Length)], random.Next(3));
        var batch = random.Next(3) is 0 ? (int?)null : run * 2 - 1 + random.Next(2);
        var output = random.Next(3) == 0 ? null : Outputs[random.Next(Outputs.Length)];
        var hasKey = run > 1 || random.Next(20) > 0;
        Do(connection, "update row set state = $1, reason = $2, tier = $3, batch_id = $4, key = $5 where row_id = $6", (int)state, reason, tier, batch, hasKey ? key : null, id);
        var batches = new List<string>();
        if (batch is { } carried)
        {
            Do(connection, "insert into request (batch_id, row_id, attempt) values ($1, $2, 1)", carried, id);
            batches.AddRange([$"b-{carried}", $"msgbatch_{carried}"]);
        }

        if (output is not null)
            Do(connection, $"insert into {(state == RowState.Succeeded ? "staging (row_id, attempt, output)" : "evidence (row_id, attempt, output)")} values ($1, 1, $2)", id, Encoding.UTF8.GetBytes(output));
        made.Add(new Made(id, origin, new RowFacts(hasKey ? key : "", state)
        {
            Reason = reason, Tier = tier + 1, Run = $"r-{run}", Batches = batches, Output = Json(output),
            ChangedAt = batch is { } last && last % 2 == 0 ? Began.AddHours(last) : Began.AddHours(run - 1),
            Slices = ["length=0-8", key[0] is 'A' or 'Ж' && int.Parse(key[2..], System.Globalization.CultureInfo.InvariantCulture) % 3 == 0 ? "script=Cyrillic" : "script=Latin", "model=(none)"],
        }));
    }

    private static string At(int hour) => Sql.Text(Began.AddHours(hour));

    private static JsonElement? Json(string? text)
    {
        try
        {
            return text is null ? null : JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Do(SqliteConnection connection, string sql, params object?[] values) => connection.Execute(sql, null, values);

    private sealed record Made(long Id, long Origin, RowFacts Facts);
}
