using Muster.Cli.Output;
using Muster.Runs;

namespace Muster.Bench;

/// <summary>When a process dies: so long after its start, so long after it told of an event, or while a download or a promotion writes.</summary>
/// <param name="Point">What is waited for; null for a moment counted from the start.</param>
/// <param name="After">How long after it; without a point, after the start.</param>
internal sealed record KillMoment(string? Point, TimeSpan After)
{
    /// <summary>Whichever point the fewest kills have hit so far.</summary>
    public const string Rarest = "rarest";
    public const string Download = "download_part";
    public const string Target = "target_journal";

    /// <summary>A process that never reaches its point dies then, so that a driver always goes on.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2.5);

    /// <summary>
    /// What a run tells of, in the words it prints, and what its folder shows; without what only a person or an alert's receiver causes
    /// and what no run tells in this world.
    /// </summary>
    public static readonly IReadOnlyList<string> Points =
    [
        .. Enum.GetValues<RunEventKind>()
            .Where(kind => kind is not (RunEventKind.Canceling or RunEventKind.Expiring or RunEventKind.AlertSent or RunEventKind.AlertFailed
                or RunEventKind.BatchDuplicate or RunEventKind.BatchReleased))
            .Select(Figures.Snake),
        Download,
        Target,
    ];

    /// <summary>A third waits for points; the others are drawn: mostly soon, some long enough for a quiet period to end.</summary>
    /// <param name="kill">Kills before this one, in this run.</param>
    public static KillMoment Draw(Random chance, int kill)
    {
        if (kill % 3 == 0)
            return new KillMoment(kill % 15 == 6 ? Download : Rarest, TimeSpan.FromMilliseconds(chance.Next(3) == 0 ? chance.Next(30) : 0));
        var most = chance.Next(10) switch { < 2 => 400, < 7 => 1_200, < 9 => 2_500, _ => 4_500 };
        return new KillMoment(kill % 3 == 1 ? null : Figures.Snake(RunEventKind.Opened), TimeSpan.FromMilliseconds(chance.Next(most)));
    }

    public static KillMoment DrawForPromotion(Random chance) => chance.Next(3) == 0
        ? new KillMoment(null, TimeSpan.FromMilliseconds(chance.Next(1_500)))
        : new KillMoment(Target, TimeSpan.FromMilliseconds(chance.Next(250)));
}

/// <summary>Kills so far at each point, over all runs: the rare ones come first.</summary>
internal sealed class PointTally
{
    /// <summary>A point this far ahead of the rarest seen one is let pass.</summary>
    private const int Lead = 2;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public bool IsWanted(string point)
    {
        lock (gate)
        {
            counts.TryAdd(point, 0);
            return counts[point] <= counts.Values.Min() + Lead;
        }
    }

    public void Hit(string point)
    {
        lock (gate)
            counts[point] = counts.GetValueOrDefault(point) + 1;
    }
}
