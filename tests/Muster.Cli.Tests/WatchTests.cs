using System.Text.Json;
using Muster.Simulator;

namespace Muster.Cli.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task Each_change_is_one_json_line_and_the_last_says_that_it_is_final()
    {
        using var job = new JobFolder();
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Speed = 2_000 });
        var environment = new Dictionary<string, string>
        {
            ["ANTHROPIC_API_KEY"] = "sk-sim", ["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString(), ["MUSTER_POLL_INTERVAL"] = "0.1",
        };
        using var run = Cli.Start(job.Folder, environment, "run");
        (await run.SaysAsync("batch_created")).ShouldBeTrue();
        using var watch = Cli.Start(job.Folder, environment, "watch", "--json");

        var watched = await watch.EndAsync();
        (await run.EndAsync()).ExitCode.ShouldBe(0);

        watched.ExitCode.ShouldBe(0, watched.Err);
        var lines = watched.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.ShouldAllBe(line => line.GetProperty("schema").GetString() == "muster.watch/1" && line.GetProperty("ledger").GetProperty("balances").GetBoolean());
        lines.SkipLast(1).ShouldAllBe(line => !line.GetProperty("is_final").GetBoolean());
        lines[^1].GetProperty("is_final").GetBoolean().ShouldBeTrue();
        lines[^1].GetProperty("next").GetString().ShouldBe("muster promote");
    }
}
