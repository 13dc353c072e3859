using System.CommandLine;
using System.Globalization;
using Muster.Cli.Output;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Spectre.Console;

namespace Muster.Cli.Commands;

/// <summary>Starts the simulated API in the foreground.</summary>
internal static class SimulateCommand
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Beside a clock that runs fast the server's poll hints, meant for real hours, are too slow. The quiet period needs no such change: it
    /// is counted on the remote's own clock.
    /// </summary>
    private const double FastPollSeconds = 0.5;

    public static Command Create(Terminal terminal)
    {
        var port = new Option<int>("--port") { Description = "TCP port on 127.0.0.1; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        var seed = new Option<ulong>("--seed") { Description = "Same seed and inputs give the same ids, answers and faults.", DefaultValueFactory = _ => 1 };
        var speed = new Option<double>("--speed") { Description = "Virtual seconds per real second.", DefaultValueFactory = _ => 60 };
        var instant = new Option<bool>("--instant") { Description = "Batches end at once." };
        var faults = new Option<string?>("--faults") { Description = "A fault plan (docs/simulator.md).", HelpName = "FILE" };
        var tier = new Option<string>("--tier") { Description = "Rate and queue limits of an account tier.", DefaultValueFactory = _ => "scale" };
        tier.AcceptOnlyFromAmong("start", "build", "scale");
        var state = new Option<string?>("--state") { Description = "Keep batches in this folder, so that a restart has them.", HelpName = "FOLDER" };
        var engine = new Option<string>("--engine") { Description = "What answers are made of.", DefaultValueFactory = _ => "schema" };
        engine.AcceptOnlyFromAmong("schema", "labels", "echo", "oracle");
        var oracle = new Option<string?>("--oracle") { Description = "Expected answers by key, and how models are wrong (docs/simulator.md).", HelpName = "FILE" };
        var switches = new Option<string[]>("--switch") { Description = "Another state of what is not known of the service; may be repeated.", HelpName = "NAME=VALUE" };
        var json = Shared.Json();
        var command = new ExampledCommand("simulate", "Run the Message Batches API on this machine, with faults and faster time; no key is needed.",
            "muster simulate --instant", "muster simulate --speed 600 --faults outage.json --state ./remote", "muster simulate --port 8080 --seed 7 --json")
        {
            port, seed, speed, instant, faults, tier, state, engine, oracle, switches, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var limits = Limits(parsed.GetValue(tier)!);
            var plan = parsed.GetValue(faults) is { } file ? FaultPlan.Load(file) : FaultPlan.None;
            var options = new SimulatorOptions
            {
                Port = parsed.GetValue(port), Seed = parsed.GetValue(seed), Speed = parsed.GetValue(speed), Instant = parsed.GetValue(instant),
                Faults = plan, StateFolder = parsed.GetValue(state), OracleFile = parsed.GetValue(oracle),
                Engine = parsed.GetValue(oracle) is null ? parsed.GetValue(engine)! : "oracle", Wire = WireSwitches.Parse(parsed.GetValue(switches) ?? []),
                RequestsPerMinute = limits.CallsPerMinute,
                QueuedRequests = limits.Queue,
            };
            await using var api = await SimulatedApi.StartAsync(options, cancellationToken);
            double? poll = options.Instant || options.Speed > 1 ? FastPollSeconds : null;
            if (parsed.GetValue(json))
            {
                terminal.Json("muster.simulate/1", new
                {
                    baseUrl = Address(api), apiKey = options.ApiKey, options.Seed, options.Speed, options.Instant, tier = parsed.GetValue(tier),
                    options.StateFolder, options.Engine, faults = plan.ToJson(), pollIntervalSeconds = poll, quietPeriodSeconds = (double?)null,
                });
            }
            else
            {
                terminal.RawOut.WriteLine($"export ANTHROPIC_BASE_URL={Address(api)}");
                terminal.RawOut.WriteLine($"export ANTHROPIC_API_KEY={options.ApiKey}");
                if (poll is { } interval)
                    terminal.RawOut.WriteLine(string.Create(CultureInfo.InvariantCulture, $"export MUSTER_POLL_INTERVAL={interval}"));
            }

            await terminal.RawOut.FlushAsync(cancellationToken);
            terminal.Talk.MarkupLineInterpolated($"Simulating until Ctrl-C. seed {options.Seed}, {(options.Instant ? "batches end at once" : $"{options.Speed} virtual seconds per second")}, fault plan {plan.ToJson()}");
            await ShowAsync(terminal, api, cancellationToken);
            terminal.Say(Line(api));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task ShowAsync(Terminal terminal, SimulatedApi api, CancellationToken cancellationToken)
    {
        if (!terminal.IsLive)
        {
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, terminal.Time, cancellationToken));
            return;
        }

        await terminal.Talk.Live(new Text(Line(api))).AutoClear(true).StartAsync(async context =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                context.UpdateTarget(new Text(Line(api)));
                await Task.WhenAny(Task.Delay(Tick, terminal.Time, cancellationToken));
            }
        });
    }

    private static string Line(SimulatedApi api)
    {
        var truth = api.Truth;
        return $"{Figures.Clock(api.Clock.GetUtcNow())}  batches {truth.BatchesCreated}  requests {Figures.Count(truth.RequestsAccepted)}"
            + $"  billed {Figures.Count(truth.RowsBilled)}  accepted more than once {truth.PairsAcceptedMoreThanOnce}";
    }

    private static string Address(SimulatedApi api) => api.BaseUrl.ToString().TrimEnd('/');

    /// <summary>The published limits of the tiers; see the page on rate limits.</summary>
    private static TierLimits Limits(string tier) => tier switch
    {
        "start" => new TierLimits(1_000, 200_000),
        "build" => new TierLimits(2_000, 300_000),
        _ => new TierLimits(4_000, 500_000),
    };

    private sealed record TierLimits(int CallsPerMinute, int Queue);
}
