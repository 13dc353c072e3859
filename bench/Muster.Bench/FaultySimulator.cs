using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Muster.Bench;

/// <summary>`muster simulate` as a process of its own, with a fault plan.</summary>
internal sealed class FaultySimulator : IAsyncDisposable
{
    /// <summary>What each row is in every run, disturbed or not: it decides what is promoted.</summary>
    private const string Rows =
        """
        "rows": [
          { "contains": "model 13 for", "outcome": "refusal" },
          { "contains": "model 17 for", "outcome": "invalid_request_error" } CREDIT
        ]
        """;

    /// <summary>
    /// Lost replies of five kinds, errors, batches that show late, 404s that are not true, rows asked again; an account that is refused and
    /// then is not, which pauses a run; results damaged in one download more than a process tries, which holds it.
    /// </summary>
    private const string Faults =
        """
        "rates": { "expired": 0.01, "overloaded_error": 0.02, "api_error": 0.005, "canceled": 0.002 },
        "models": [ { "model": "haiku", "broken": 0.01, "violation": 0.02, "truncated": 0.01 } ],
        "appears_after_seconds": 1,
        "calls": [
          { "endpoint": "create", "probability": 0.08, "fault": "reset_after" },
          { "endpoint": "create", "probability": 0.05, "fault": "cut_body" },
          { "endpoint": "create", "probability": 0.05, "fault": "status_after", "status": 500 },
          { "endpoint": "create", "probability": 0.04, "fault": "garbage_body" },
          { "endpoint": "create", "probability": 0.03, "fault": "status_after", "status": 529, "body": "html" },
          { "endpoint": "create", "probability": 0.05, "fault": "reset_before" },
          { "endpoint": "create", "probability": 0.05, "fault": "status", "status": 429, "retry_after": "1" },
          { "endpoint": "create", "probability": 0.05, "fault": "status", "status": 529 },
          { "endpoint": "create", "probability": 0.10, "fault": "delay_after", "seconds": 0.4 },
          { "endpoint": "create", "probability": 0.02, "fault": "status", "status": 403 },
          { "endpoint": "list", "probability": 0.03, "fault": "status", "status": 529 },
          { "endpoint": "list", "probability": 0.10, "fault": "delay_before", "seconds": 0.2 },
          { "endpoint": "retrieve", "probability": 0.08, "fault": "false_not_found" },
          { "endpoint": "retrieve", "probability": 0.03, "fault": "status", "status": 500 },
          { "endpoint": "retrieve", "probability": 0.01, "fault": "status", "status": 401 },
          { "endpoint": "results", "probability": 0.06, "fault": "reset_in_line", "after_lines": 200 },
          { "endpoint": "results", "probability": 0.05, "fault": "end_in_line", "after_lines": 400 },
          { "endpoint": "results", "probability": 0.05, "fault": "end_between_lines", "after_lines": 300 },
          { "endpoint": "results", "probability": 0.04, "fault": "false_not_found" },
          { "endpoint": "results", "probability": 0.03, "fault": "status", "status": 503 }
        ],
        "lines": { "missing": 0.0001, "duplicate": 0.0001, "blank": 0.001, "new_fields": 0.01, "downloads": 4 },
        """;

    private readonly Process process;
    private readonly HttpClient http;
    private int foreign;

    private FaultySimulator(Process process, string baseUrl)
    {
        this.process = process;
        http = new HttpClient { BaseAddress = new Uri(baseUrl) };
        BaseUrl = baseUrl;
    }

    public string BaseUrl { get; }

    /// <summary>A plan as `muster simulate --faults` reads it.</summary>
    /// <param name="seed">Null for a world without faults, in which each row is what it is in the others.</param>
    public static string Plan(int? seed) => seed is { } drawn
        ? $"{{ \"seed\": {drawn}, {Faults} {Rows.Replace("CREDIT", ", { \"contains\": \"Ceramic mug with dimmable model 555 for\", \"outcome\": \"credit\", \"times\": 1 }", StringComparison.Ordinal)} }}"
        : $"{{ {Rows.Replace(" CREDIT", "", StringComparison.Ordinal)} }}";

    /// <param name="port">The same one for a lane's runs, one after the other.</param>
    public static async Task<FaultySimulator> StartAsync(string folder, int port, int seed, string plan)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "faults.json"), plan);
        // One second of the remote is one of ours: the quiet period is measured on its clock.
        var process = Process.Start(MusterProcess.Info(folder,
            ["simulate", "--port", $"{port}", "--instant", "--speed", "1", "--seed", $"{seed}", "--faults", "faults.json", "--json"]))!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var url = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("\"base_url\"", StringComparison.Ordinal))
                url = line.Split('"')[3];
            if (line == "}")
                return new FaultySimulator(process, url);
        }

        await process.WaitForExitAsync();
        throw new InvalidOperationException($"The simulator did not start on port {port}; exit code {process.ExitCode}.");
    }

    public async Task<RemoteTruth> TruthAsync()
    {
        using var truth = JsonDocument.Parse(await http.GetStringAsync("/sim/truth"));
        long Of(string name) => truth.RootElement.GetProperty(name).GetInt64();
        return new RemoteTruth(Of("batches_created"), Of("requests_accepted"), Of("pairs_accepted"), Of("pairs_accepted_more_than_once"), Of("rows_billed"));
    }

    /// <summary>A batch of another program in the same workspace; its requests fail and cost nothing. The faults are for it, too.</summary>
    public async Task PostForeignAsync(int requests)
    {
        var name = Interlocked.Increment(ref foreign);
        var rows = Enumerable.Range(1, requests).Select(i => $$$"""
            {"custom_id":"theirs-{{{name}}}-{{{i}}}","params":{"model":"not-a-model","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}}
            """);
        using var call = new HttpRequestMessage(HttpMethod.Post, "/v1/messages/batches")
        {
            Content = new StringContent($"{{\"requests\":[{string.Join(',', rows)}]}}", Encoding.UTF8, "application/json"),
        };
        call.Headers.Add("x-api-key", "sk-sim");
        call.Headers.Add("anthropic-version", "2026-10-21");
        try
        {
            using var reply = await http.SendAsync(call);
        }
        catch (HttpRequestException)
        {
            // Reset or cut by the plan: whether the remote took it is no matter here.
        }
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

/// <summary>What the remote itself counted, over one run.</summary>
internal sealed record RemoteTruth(long Batches, long Requests, long Pairs, long PairsMoreThanOnce, long Billed)
{
    public static RemoteTruth operator +(RemoteTruth a, RemoteTruth b) =>
        new(a.Batches + b.Batches, a.Requests + b.Requests, a.Pairs + b.Pairs, a.PairsMoreThanOnce + b.PairsMoreThanOnce, a.Billed + b.Billed);
}
