using System.Globalization;
using System.Text;
using Anthropic;
using Microsoft.Data.Sqlite;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;

namespace Muster.Bench;

/// <summary>
/// Recording one batch's results durably (archive, join, validate, stage) beside the floor (download, flush, one bulk insert of
/// the same bytes) and beside the official SDK's loop, which stores nothing. Interleaved; ratios of medians count.
/// </summary>
internal static class FloorBench
{
    private const int Rounds = 3;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rows = arguments.Length == 0 ? 50_000 : int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var (ours, floor, sdk) = (new List<double>(), new List<double>(), new List<double>());
        using var simulator = await SimulatorProcess.StartAsync();
        var claude = new ClaudeOptions(new Uri(simulator.BaseUrl), new Secret("sk-sim"));
        for (var round = 0; round < Rounds; round++)
        {
            var folder = BenchJob.Write(rows);
            try
            {
                var (seconds, remoteId) = await RecordAsync(folder, claude);
                ours.Add(seconds);
                floor.Add(await DownloadAndInsertAsync(folder, simulator.BaseUrl, remoteId));
                sdk.Add(await SdkLoopAsync(simulator.BaseUrl, remoteId));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"round {round + 1}: recording {ours[^1]:F2} s, floor {floor[^1]:F2} s, SDK loop {sdk[^1]:F2} s"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rows} results: recording / floor = {Median(ours) / Median(floor):F2}, SDK loop / recording = {Median(sdk) / Median(ours):F2}"));
        return 0;
    }

    /// <summary>Seconds from "ended" to "settled", and the batch's remote id.</summary>
    private static async Task<(double Seconds, string RemoteId)> RecordAsync(string folder, ClaudeOptions claude)
    {
        long ended = 0, archived = 0, settled = 0;
        var progress = new Listener(e =>
        {
            if (e.Kind == RunEventKind.BatchEnded)
                ended = TimeProvider.System.GetTimestamp();
            else if (e.Kind == RunEventKind.BatchArchived && archived == 0)
                archived = TimeProvider.System.GetTimestamp();
            else if (e.Kind == RunEventKind.BatchSettled && settled == 0)
                settled = TimeProvider.System.GetTimestamp();
        });
        var job = JobFile.Load(Path.Combine(folder, "bench.job.yaml"));
        await using var runner = Runner.Open(job, claude, new PipelineOptions { Progress = progress, PollInterval = TimeSpan.FromMilliseconds(50) });
        var end = await runner.RunAsync();
        var batch = (await runner.Store.BatchesAsync(end.Run.Id))[0];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  archiving {TimeProvider.System.GetElapsedTime(ended, archived).TotalSeconds:F2} s, applying {TimeProvider.System.GetElapsedTime(archived, settled).TotalSeconds:F2} s"));
        return (TimeProvider.System.GetElapsedTime(ended, settled).TotalSeconds, batch.RemoteId!);
    }

    private static async Task<double> DownloadAndInsertAsync(string folder, string baseUrl, string id)
    {
        var watch = TimeProvider.System.GetTimestamp();
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("x-api-key", "sk-sim");
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var path = Path.Combine(folder, "raw.jsonl");
        await using (var file = File.Create(path, 1 << 18))
        {
            using var reply = await http.GetAsync($"{baseUrl}/v1/messages/batches/{id}/results", HttpCompletionOption.ResponseHeadersRead);
            await reply.Content.CopyToAsync(file);
            file.Flush(flushToDisk: true);
        }

        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "floor.db")};Pooling=false");
        connection.Open();
        Execute(connection, "pragma page_size = 16384");
        Execute(connection, "pragma journal_mode = wal");
        Execute(connection, "pragma synchronous = full");
        Execute(connection, "create table line (id integer primary key, body blob)");
        using var transaction = connection.BeginTransaction();
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into line (body) values ($b)";
        insert.Transaction = transaction;
        var body = insert.Parameters.Add(new SqliteParameter { ParameterName = "$b" });
        foreach (var line in File.ReadLines(path))
        {
            body.Value = Encoding.UTF8.GetBytes(line);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return TimeProvider.System.GetElapsedTime(watch).TotalSeconds;
    }

    private static async Task<double> SdkLoopAsync(string baseUrl, string id)
    {
        var watch = TimeProvider.System.GetTimestamp();
        using var client = new AnthropicClient { BaseUrl = baseUrl, ApiKey = "sk-sim" };
        var lines = 0;
        await foreach (var result in client.Messages.Batches.ResultsStreaming(id))
            lines += result.CustomID.Length > 0 ? 1 : 0;
        return lines == 0 ? throw new InvalidOperationException("no results") : TimeProvider.System.GetElapsedTime(watch).TotalSeconds;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private sealed class Listener(Action<RunEvent> told) : IProgress<RunEvent>
    {
        public void Report(RunEvent value) => told(value);
    }
}
