namespace Muster.Cli.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_promotes_and_a_second_one_has_nothing_to_do()
    {
        var folder = Directory.CreateTempSubdirectory("muster-demo-").FullName;

        var first = await Cli.RunAsync(folder, new Dictionary<string, string>(), "demo", "--json");
        var second = await Cli.RunAsync(folder, new Dictionary<string, string>(), "demo", "--json");

        first.ExitCode.ShouldBe(0, first.All);
        var ledger = first.Json.GetProperty("ledger");
        ledger.GetProperty("rows").GetInt64().ShouldBe(600);
        ledger.GetProperty("open").GetInt64().ShouldBe(0);
        ledger.GetProperty("human_queued").GetInt64().ShouldBeGreaterThan(0);
        first.Json.GetProperty("batches").GetProperty("adopted").GetInt32().ShouldBe(1);
        first.Json.GetProperty("audit").GetArrayLength().ShouldBe(0);
        first.Json.GetProperty("promotion").GetProperty("counts").GetProperty("update").GetInt64().ShouldBe(ledger.GetProperty("succeeded").GetInt64());
        first.Json.GetProperty("promotion").GetProperty("undo").GetString()!.ShouldEndWith(" --yes");
        var truth = first.Json.GetProperty("truth");
        truth.GetProperty("requests_accepted").GetInt64().ShouldBe(truth.GetProperty("pairs_accepted").GetInt64());
        second.ExitCode.ShouldBe(0, second.All);
        second.Json.GetProperty("outcome").GetString().ShouldBe("nothing_to_do");
        second.Json.GetProperty("promotion").GetProperty("already_applied").GetBoolean().ShouldBeTrue();
        second.Json.GetProperty("truth").GetProperty("requests_accepted").GetInt64().ShouldBe(truth.GetProperty("requests_accepted").GetInt64());
    }

    [Fact]
    public async Task Another_size_in_the_same_folder_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("muster-demo-").FullName;
        await Cli.RunAsync(folder, new Dictionary<string, string>(), "demo", "--rows", "20");

        var other = await Cli.RunAsync(folder, new Dictionary<string, string>(), "demo", "--rows", "40");

        other.ExitCode.ShouldBe(2, other.All);
        other.Err.ShouldContain("products-20.csv");
    }

    [Fact]
    public async Task The_simulator_prints_what_a_client_needs()
    {
        using var cli = Cli.Start(Path.GetTempPath(), new Dictionary<string, string>(), "simulate", "--instant");
        (await cli.SaysAsync("Simulating until Ctrl-C")).ShouldBeTrue();
        cli.Interrupt();
        var end = await cli.EndAsync();

        end.ExitCode.ShouldBe(0, end.All);
        end.Out.Split('\n')[..3].ShouldBe([end.Out.Split('\n')[0], "export ANTHROPIC_API_KEY=sk-sim", "export MUSTER_POLL_INTERVAL=0.5"]);
        end.Out.ShouldStartWith("export ANTHROPIC_BASE_URL=http://127.0.0.1:");
    }

    [Theory]
    [InlineData("1", "")]
    [InlineData("1.5", "export MUSTER_POLL_INTERVAL=0.5\n")]
    [InlineData("3600", "export MUSTER_POLL_INTERVAL=0.5\n")]
    public async Task A_faster_simulator_shortens_the_poll_interval_and_leaves_the_quiet_period_alone(string speed, string lines)
    {
        using var cli = Cli.Start(Path.GetTempPath(), new Dictionary<string, string>(), "simulate", "--speed", speed);
        (await cli.SaysAsync("Simulating until Ctrl-C")).ShouldBeTrue();
        cli.Interrupt();
        (await cli.EndAsync()).Out.ShouldEndWith("export ANTHROPIC_API_KEY=sk-sim\n" + lines);
    }
}
