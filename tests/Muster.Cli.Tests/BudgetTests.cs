using System.Text.Json;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Tests.Alerts;

namespace Muster.Cli.Tests;

/// <summary>A budget that is exceeded: exit code 6, an event in the log, a webhook, and a status that says why.</summary>
public sealed class BudgetTests
{
    private const string Unpriced = "claude-unlisted-9";

    [Theory]
    [InlineData("usd: 0.0001", null, "REQ.COST_CAP", "Paused, no row is blamed: REQ.COST_CAP: ", "the next batch may cost $", "paused")]
    [InlineData("failures: 0.1", "invalid_request_error", "AGG.BUDGET", "Held, more failed than the budget allows: AGG.BUDGET: ",
        "of 30 rows failed; the job allows 10.00", "held")]
    [InlineData("batches: 0.2", "expired", "AGG.BUDGET", "Held, more failed than the budget allows: AGG.BUDGET: ",
        "came back mostly expired or errored by the service; the job allows 20.00", "held")]
    public async Task A_budget_that_is_exceeded_ends_with_6_a_line_in_the_log_a_webhook_and_a_status_that_says_why(
        string budget, string? outcome, string reason, string sentence, string detail, string state)
    {
        await using var receiver = new Receiver();
        await using var api = await Some.Api(faults: outcome is null ? null : new FaultPlan { Rows = [new RowRule { Outcome = outcome }] });
        var folder = Some.JobFolder(target: $"budget: {{ {budget} }}");
        var environment = To(receiver, Some.Environment(api));

        var run = await Cli.RunAsync(folder, environment, "run");
        var status = await Cli.RunAsync(folder, environment, "status");

        run.ExitCode.ShouldBe(6, run.All);
        run.Out.ShouldContain(sentence);
        run.Out.ShouldContain(detail);
        run.Err.Split('\n').ShouldContain(line => line.Contains($" r-1 {state} ", StringComparison.Ordinal) && line.Contains($"{reason}: ", StringComparison.Ordinal));
        status.ExitCode.ShouldBe(0, status.All);
        status.Out.ShouldContain($"{reason}: ");
        status.Out.ShouldContain(detail);
        var log = Log(folder);
        log.Select(line => line.TryGetProperty("kind", out var kind) ? kind.GetString() : null).ShouldBe(["budget", null]);
        log[0].GetProperty("reason").GetString().ShouldBe(reason);
        log[1].GetProperty("status").GetInt32().ShouldBe(200);
        using var told = JsonDocument.Parse(receiver.Requests.ShouldHaveSingleItem().Body);
        told.RootElement.GetProperty("type").GetString().ShouldBe("muster.budget");
        told.RootElement.GetProperty("data").GetProperty("reason").GetString().ShouldBe(reason);
    }

    [Fact]
    public async Task A_model_without_a_price_pauses_a_capped_run_until_a_price_file_names_it()
    {
        await using var api = await SimulatedApi.StartAsync(
            new SimulatorOptions { Instant = true, ExtraModels = [Unpriced] }, TestContext.Current.CancellationToken);
        var folder = Some.JobFolder(target: "budget: { usd: 5 }");
        var job = Path.Combine(folder, "goods.job.yaml");
        await File.WriteAllTextAsync(job, (await File.ReadAllTextAsync(job)).Replace("claude-haiku-4-5", Unpriced, StringComparison.Ordinal));
        var environment = Some.Environment(api);

        var check = await Cli.RunAsync(folder, environment, "check");
        var paused = await Cli.RunAsync(folder, environment, "run");
        var sent = api.Truth.CreateCalls;
        var status = await Cli.RunAsync(folder, environment, "status");
        environment["MUSTER_PRICES"] = Path.Combine(folder, "prices.json");
        await File.WriteAllTextAsync(environment["MUSTER_PRICES"],
            $$"""{"as_of":"2026-11-01","models":[{"id":"{{Unpriced}}","input":1,"output":5,"write_5m":1,"write_1h":2,"read":0.1}]}""");
        var last = await Cli.RunAsync(folder, environment, "run");

        check.All.ShouldContain($"cannot be enforced for \"{Unpriced}\", which has no price");
        paused.ExitCode.ShouldBe(6, paused.All);
        paused.Out.ShouldContain($"REQ.COST_CAP: tiers[0] asks \"{Unpriced}\", which has no price, so the cap of $5");
        paused.Out.ShouldContain("MUSTER_PRICES");
        sent.ShouldBe(0);
        status.Out.ShouldContain("REQ.COST_CAP: tiers[0] asks");
        last.ExitCode.ShouldBe(0, last.All);
        last.Out.ShouldContain("30 rows = 30 succeeded");
    }

    /// <summary>Alerts go to the receiver on this machine, signed.</summary>
    private static Dictionary<string, string> To(Receiver receiver, Dictionary<string, string> environment) => new(environment)
    {
        ["MUSTER_WEBHOOK_URL"] = receiver.Url, ["MUSTER_WEBHOOK_SECRET"] = "a secret of more than twenty-four bytes", ["MUSTER_WEBHOOK_ALLOW_LOOPBACK"] = "1",
    };

    private static List<JsonElement> Log(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, ".muster", "alerts.log")).Select(line => JsonDocument.Parse(line).RootElement)];
}
