using System.Diagnostics;
using System.Text.RegularExpressions;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Anthropic.Models.Messages.Batches;

namespace Muster.Simulator.Tests;

/// <summary>Real clients, with nothing changed but base URL and key.</summary>
public sealed partial class ConformanceTests
{
    [Fact]
    public async Task Checklist_116_a_plain_client_runs_the_whole_life_of_a_batch()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = Some.Client(api);

        var id = await Some.CreatedAsync(client, Some.Body(("a", Some.WithSchema()), ("b", Some.WithSchema("Wooden toys"))));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("in_progress");
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        (await Some.RetrieveAsync(client, id)).GetProperty("processing_status").GetString().ShouldBe("ended");
        var results = await Some.ResultsAsync(client, id);
        results["a"].Text().ShouldContain("Garden tools");
        results["b"].Text().ShouldContain("Toys");
        (await Some.GetAsync(client, "/v1/messages/batches")).GetProperty("data").GetArrayLength().ShouldBe(1);
        var second = await Some.CreatedAsync(client, Some.Body(2));
        using var canceled = await client.PostAsync($"/v1/messages/batches/{second}/cancel", null);
        (await Some.ReadAsync(canceled)).GetProperty("processing_status").GetString().ShouldBe("canceling");
        using var deleted = await client.DeleteAsync($"/v1/messages/batches/{id}");
        (await Some.ReadAsync(deleted)).GetProperty("type").GetString().ShouldBe("message_batch_deleted");
    }

    [Fact]
    public async Task Checklist_115_the_official_csharp_sdk_runs_the_whole_life_of_a_batch_and_its_errors_unmodified()
    {
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        using var client = new AnthropicClient { BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim" };
        var batches = client.Messages.Batches;
        var said = new List<string>();
        var created = await batches.Create(Two());
        said.Add($"created {created.ProcessingStatus.Value()} {created.RequestCounts.Processing}");
        said.Add(await RefusedAsync<AnthropicNotFoundException>(() => ReadAsync(created.ID)));
        said.Add(await RefusedAsync<AnthropicBadRequestException>(() => batches.Delete(created.ID)));
        api.Clock.Advance(TimeSpan.FromMinutes(11));
        var ended = await batches.Retrieve(created.ID);
        said.Add($"polled {ended.ProcessingStatus.Value()} {ended.RequestCounts.Succeeded}");
        (await batches.List()).Items.ShouldHaveSingleItem().ID.ShouldBe(created.ID);
        said.Add("results " + string.Join(' ', (await ReadAsync(created.ID)).Order()));
        var second = await batches.Create(Two());
        said.Add($"canceled {(await batches.Cancel(second.ID)).ProcessingStatus.Value()}");
        api.Clock.Advance(TimeSpan.FromSeconds(25));
        said.Add("results " + string.Join(' ', (await ReadAsync(second.ID)).Order()));
        said.Add($"deleted {((await batches.Delete(second.ID)).ID == second.ID ? "it" : "another")}");
        said.Add(await RefusedAsync<AnthropicNotFoundException>(() => batches.Retrieve(second.ID)));
        said.Add(await RefusedAsync<AnthropicBadRequestException>(() => batches.Create(new() { Requests = [Two().Requests[0], Two().Requests[0]] })));
        using var stranger = new AnthropicClient { BaseUrl = client.BaseUrl, ApiKey = "sk-wrong" };
        said.Add(await RefusedAsync<AnthropicUnauthorizedException>(() => stranger.Messages.Batches.List()));
        said.ForEach(TestContext.Current.SendDiagnosticMessage);
        said.ShouldBe(
        [
            "created InProgress 2",
            "NotFound not_found_error Message Batch ID has no available results.",
            "BadRequest invalid_request_error In progress batches cannot be deleted. Consider canceling the batch instead.",
            "polled Ended 2",
            "results a:succeeded b:succeeded",
            "canceled Canceling",
            "results a:canceled b:canceled",
            "deleted it",
            "NotFound not_found_error Message Batch ID not found.",
            "BadRequest invalid_request_error requests: custom_id's must be unique within a batch. Duplicate custom_id found: a",
            "Unauthorized authentication_error API key is invalid.",
        ]);
        api.Truth.BatchesCreated.ShouldBe(2);

        async Task<List<string>> ReadAsync(string id)
        {
            var lines = new List<string>();
            await foreach (var line in batches.ResultsStreaming(id))
            {
                lines.Add($"{line.CustomID}:{(line.Result.TryPickSucceeded(out _) ? "succeeded" : line.Result.TryPickCanceled(out _) ? "canceled" : "other")}");
            }

            return lines;
        }
    }

    private static async Task<string> RefusedAsync<T>(Func<Task> call)
        where T : AnthropicApiException
    {
        var refusal = await Should.ThrowAsync<T>(call);
        return $"{refusal.StatusCode} {refusal.Type?.ToString().Trim('"')} {BatchId().Replace(refusal.ApiMessage ?? "", "ID")}";
    }

    [Fact]
    public async Task Checklist_115_the_official_typescript_sdk_runs_the_same_unmodified()
    {
        var root = Root();
        var installed = Path.Combine(root, "artifacts", "typescript");
        Assert.SkipUnless(Directory.Exists(Path.Combine(installed, "node_modules", "@anthropic-ai", "sdk")), "the TypeScript SDK is not there; ./test installs it");
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        var (code, output, error) = await RunAsync(
            "node", [Path.Combine(root, "tests/Muster.Simulator.Tests/typescript/batches.mjs"), api.BaseUrl.ToString().TrimEnd('/'), "sk-sim", installed], root);
        code.ShouldBe(0, error);
        output.TrimEnd().Split('\n').ShouldBe(
        [
            "created: in_progress 2",
            "refused: 404 not_found_error: Message Batch ID has no available results.",
            "refused: 400 invalid_request_error: In progress batches cannot be deleted. Consider canceling the batch instead.",
            "polled: ended 2",
            "listed: 1",
            "result: b succeeded batch",
            "result: a succeeded batch",
            "canceled: canceling",
            "lines: canceled canceled",
            "deleted: message_batch_deleted",
            "refused: 404 not_found_error: Message Batch ID not found.",
            "refused: 400 invalid_request_error: requests: custom_id's must be unique within a batch. Duplicate custom_id found: a",
            "refused: 401 authentication_error: API key is invalid.",
        ]);
        api.Truth.BatchesCreated.ShouldBe(2);
    }

    /// <summary>The lines of the documentation, as they stand there.</summary>
    [Fact]
    public async Task Checklist_116_the_documented_curl_lines_run()
    {
        var root = Root();
        var script = string.Join('\n', File.ReadAllText(Path.Combine(root, "docs/simulator.md")).Split("```sh\n").Skip(1)
            .Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)]).Where(b => b.Contains("curl ", StringComparison.Ordinal)));
        script.ShouldNotBeEmpty();
        await using var api = await SimulatedApi.StartAsync(Some.Options);
        var (code, output, error) = await RunAsync("bash", ["-euo", "pipefail", "-c", script], root, new()
        {
            ["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString().TrimEnd('/'), ["ANTHROPIC_API_KEY"] = "sk-sim",
        });
        code.ShouldBe(0, error + output);
        foreach (var part in (string[])["\"in_progress\"", "\"ended\"", "\"type\":\"succeeded\"", "message_batch_deleted", "\"batches_created\": 1"])
        {
            output.ShouldContain(part);
        }

        api.Truth.BatchesCreated.ShouldBe(1);
    }

    private static BatchCreateParams Two() => new()
    {
        Requests =
        [
            new() { CustomID = "a", Params = Hello("A garden rake") },
            new() { CustomID = "b", Params = Hello("A wooden toy") },
        ],
    };

    private static Params Hello(string text) =>
        new() { Model = Model.ClaudeHaiku4_5, MaxTokens = 100, Messages = [new UserMessageParam { Content = text }] };

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IReadOnlyList<string> arguments, string folder, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    internal static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Muster.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Muster.slnx above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex("msgbatch_[A-Za-z0-9]+")]
    private static partial Regex BatchId();
}
