using Muster.Simulation.Network;
using Muster.Simulation.Scheduling;
using Muster.Simulator.Faults;

namespace Muster.Simulation;

/// <summary>What one seed does to the run: a subset of the faults, each with a strength of its own, so that rare ones meet.</summary>
internal sealed record Swarm
{
    public int Rows { get; init; } = 40;

    public int BatchRows { get; init; } = 10;

    public TimeSpan QuietPeriod { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan LongestSleep { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>When everything that is drawn here stops, and the run has to end.</summary>
    public TimeSpan FaultsUntil { get; init; } = TimeSpan.FromHours(1);

    public NetworkFaults Network { get; init; } = new();

    public FaultPlan Remote { get; init; } = FaultPlan.None;

    /// <summary>Chance of a kill before each continuation.</summary>
    public double Kill { get; init; }

    /// <summary>Chance before each continuation to stand still for a while.</summary>
    public double Pause { get; init; }

    public double PauseMinutes { get; init; } = 30;

    /// <summary>Chance of an orderly stop (SIGTERM) before each continuation.</summary>
    public double Stop { get; init; }

    /// <summary>Mean minutes between attempts to start a second process; 0 for none.</summary>
    public double SecondProcessMinutes { get; init; }

    public double ForeignMinutes { get; init; }

    public double CancelByHandMinutes { get; init; }

    /// <summary>When the operator cancels the run; null for never.</summary>
    public TimeSpan? CancelRunAt { get; init; }

    /// <summary>In US dollars; the operator doubles it whenever it stops the run.</summary>
    public decimal? Cap { get; init; }

    /// <summary>How wrong the wall clock of each process may be.</summary>
    public double ClockErrorMinutes { get; init; }

    /// <summary>limits.queued_requests; a create above it waits.</summary>
    public int QueuedRequests { get; init; } = 200_000;

    /// <summary>What the remote queues at most, others' requests with ours; a create above it gets 429. Null for no limit.</summary>
    public int? RemoteQueue { get; init; }

    /// <summary>Calls a minute that the remote takes; more get 429. Null for no limit.</summary>
    public int? CallsPerMinute { get; init; }

    public bool LargerAnswersAsk { get; init; }

    public int Attempts { get; init; } = 6;

    /// <summary>Calls at once of the synchronous lane; null for a job without one.</summary>
    public int? LaneCalls { get; init; }

    public static Swarm Draw(Dice dice)
    {
        double Maybe(double chance, double least, double most) => dice.Hit(chance) ? least + ((most - least) * dice.Unit() * dice.Unit()) : 0;
        var drawn = new Swarm
        {
            Rows = dice.Between(20, 60),
            BatchRows = dice.Between(8, 16),
            LongestSleep = dice.Seconds(5, 30),
            FaultsUntil = TimeSpan.FromMinutes(dice.Between(20, 90)),
            Network = new NetworkFaults
            {
                Create = Maybe(0.85, 0.05, 0.9),
                Get = Maybe(0.7, 0.01, 0.4),
                Results = Maybe(0.6, 0.05, 0.8),
                Account = Maybe(0.2, 0.002, 0.05),
                Cancel = dice.Hit(0.9) ? 0.3 + (0.6 * dice.Unit()) : 0,
                LatencySeconds = dice.Hit(0.7) ? 0.3 : 8,
            },
            Remote = new FaultPlan
            {
                Rates = Rates(dice, Maybe),
                AppearsAfterSeconds = Maybe(0.5, 0.5, 20),
                NotFoundAfterEndSeconds = Maybe(0.2, 1, 30),
                Lines = dice.Hit(0.25) ? Lines(dice) : new LineFaults(),
            },
            Kill = Maybe(0.8, 0.0002, 0.02),
            Pause = Maybe(0.5, 0.0001, 0.003),
            PauseMinutes = dice.Hit(0.5) ? 1 : 30,
            Stop = Maybe(0.2, 0.0002, 0.003),
            SecondProcessMinutes = dice.Hit(0.5) ? 1 + (10 * dice.Unit()) : 0,
            ForeignMinutes = dice.Hit(0.6) ? 1 + (15 * dice.Unit()) : 0,
            CancelByHandMinutes = dice.Hit(0.15) ? 5 + (30 * dice.Unit()) : 0,
            CancelRunAt = dice.Hit(0.15) ? dice.Seconds(1, 1200) : null,
            Cap = dice.Hit(0.25) ? 0.005m + (0.02m * (decimal)dice.Unit()) : null,
            ClockErrorMinutes = dice.Hit(0.2) ? dice.Of([1.0, 60, 1440]) : 0,
            LargerAnswersAsk = dice.Hit(0.3),
            Attempts = dice.Between(2, 6),
            QueuedRequests = dice.Hit(0.2) ? dice.Between(16, 40) : 200_000,
            RemoteQueue = dice.Hit(0.2) ? dice.Between(16, 40) : null,
            CallsPerMinute = dice.Hit(0.15) ? dice.Between(5, 20) : null,
            LaneCalls = dice.Hit(0.4) ? dice.Between(1, 5) : null,
        };
        // Rows come to the lane by their last attempt only.
        return drawn.LaneCalls is not null && dice.Hit(0.7) ? drawn with { Attempts = dice.Between(1, 2) } : drawn;
    }

    private static Dictionary<string, double> Rates(Dice dice, Func<double, double, double, double> maybe)
    {
        var rates = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var outcome in new[] { "expired", "canceled", "overloaded_error", "api_error", "violation", "broken", "truncated", "refusal", "invalid_request_error", "novel_error" })
        {
            if (maybe(0.35, 0.005, 0.25) is > 0 and var share)
                rates[outcome] = Math.Round(share, 4);
        }

        if (dice.Hit(0.05))
            rates["credit"] = 0.02;
        // One seed in some 75,000 draws more than there is.
        var sum = rates.Values.Sum();
        return sum <= 1 ? rates : rates.ToDictionary(rate => rate.Key, rate => Math.Floor(rate.Value / sum * 10_000) / 10_000, StringComparer.Ordinal);
    }

    /// <summary>Two downloads of each batch at most: a third one in a row would rightly hold the run.</summary>
    private static LineFaults Lines(Dice dice) => dice.Below(7) switch
    {
        0 => new LineFaults { Missing = 0.2, Downloads = 2 },
        1 => new LineFaults { Duplicate = 0.2, Downloads = 2 },
        2 => new LineFaults { Garbage = 0.2, Downloads = 2 },
        3 => new LineFaults { Extra = 2, Downloads = 2 },
        4 => new LineFaults { UnknownType = 0.1, Downloads = 2 },
        5 => new LineFaults { FlatError = 0.1, Downloads = 2 },
        _ => new LineFaults { Blank = 0.3, NewFields = 0.3 },
    };
}
