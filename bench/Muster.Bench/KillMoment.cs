using Muster.Cli.Output;
using Muster.Runs;

namespace Muster.Bench;

/// <summary>When a process dies: so long after its start, so long after it told of an event, or while a download or a promotion writes.</summary>
/// <param name="Point">What is waited for; null for a moment counted from the start.</param>
/// <param name="After">How long after it; without a point, after the start.</param>
internal sealed record KillMoment(string? Point, TimeSpan After)
{
    /// <summary>Whichever point comes that few kills have hit so far.</summary>
    public const string Rarest = "rarest";
    public const string Download = "download_part";
    public const string Target = "target_journal";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2.5);
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    /// <summary>Longer than any run takes to its end.</summary>
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromMinutes(4);

    /// <summary>A process that never reaches its point dies then; one that waits long, also where it would end by itself.</summary>
    /// <remarks>A short one counts from the first that the process tells: on a busy machine its start alone takes as long.</remarks>
    public TimeSpan Longest { get; private init; } = Soon;

    /// <summary>
    /// What a run tells of, in the words it prints, and what its folder shows; without what only a person or an alert's receiver causes,
    /// and `graded`, which only a run with an eval set tells: nothing follows it but its end. `batch_duplicate` is missing because a world
    /// that makes it is one in which rows are billed twice, and that is what this driver calls a fault.
    /// </summary>
    public static readonly IReadOnlyList<string> Points =
    [
        .. Enum.GetValues<RunEventKind>()
            .Where(kind => kind is not (RunEventKind.Canceling or RunEventKind.Expiring or RunEventKind.AlertSent or RunEventKind.AlertFailed
                or RunEventKind.BatchDuplicate or RunEventKind.Graded))
            .Select(Figures.Snake),
        Download,
        Target,
    ];

    private static readonly string Finished = Figures.Snake(RunEventKind.Finished);

    /// <summary>What a process tells of last.</summary>
    private static readonly string[] Last = [Figures.Snake(RunEventKind.Paused), Figures.Snake(RunEventKind.Held), Finished];

    /// <summary>Told once in a run, and early: there is no use in waiting for them again.</summary>
    private static readonly string[] Once = [Figures.Snake(RunEventKind.RowsRead), Figures.Snake(RunEventKind.RowsSetAside)];

    /// <summary>
    /// A third waits for whichever rare point comes soon, every eighteenth as long as it takes for the one that the fewest kills have hit,
    /// and so do the first three where that one comes early; the others are drawn: mostly soon, some long enough for a quiet period to end.
    /// </summary>
    /// <param name="kill">Kills before this one, in this run.</param>
    /// <param name="told">Points that came before in this run.</param>
    public static KillMoment Draw(Random chance, int kill, PointTally tally, IReadOnlySet<string> told)
    {
        var least = tally.Least(Points.Where(point => point != Target && point != Finished && !(Once.Contains(point) && told.Contains(point))));
        if (kill % 18 == 17 || (kill <= 2 && Once.Contains(least)))
            return new KillMoment(least, TimeSpan.Zero) { Longest = Late };

        if (kill % 3 == 0)
            return new KillMoment(kill % 15 == 6 ? Download : Rarest, TimeSpan.FromMilliseconds(chance.Next(3) == 0 ? chance.Next(30) : 0));
        var most = chance.Next(10) switch { < 2 => 400, < 7 => 1_200, < 9 => 2_500, _ => 4_500 };
        return new KillMoment(kill % 3 == 1 ? null : Figures.Snake(RunEventKind.Opened), TimeSpan.FromMilliseconds(chance.Next(most)));
    }

    public bool IsSoon => Longest == Soon;

    /// <summary>True when a process that tells of this point dies at it.</summary>
    /// <param name="isWanted">True while few kills have hit it.</param>
    public bool IsAt(string point, bool isWanted) =>
        point == Point || (Point == Rarest && isWanted) || (!IsSoon && (point == Finished || (isWanted && Last.Contains(point))));

    /// <summary>Between the last commit of a run and the end of its process.</summary>
    public static KillMoment DrawForTheEnd() => new(Finished, TimeSpan.Zero) { Longest = AtTheEnd };

    public static KillMoment DrawForPromotion(Random chance) => chance.Next(3) == 0
        ? new KillMoment(null, TimeSpan.FromMilliseconds(chance.Next(1_500)))
        : new KillMoment(Target, TimeSpan.FromMilliseconds(chance.Next(2) == 0 ? 0 : chance.Next(250))) { Longest = Late };
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

    /// <summary>The one of these that the fewest kills have hit.</summary>
    public string Least(IEnumerable<string> points)
    {
        lock (gate)
            return points.MinBy(point => counts.GetValueOrDefault(point))!;
    }

    public void Hit(string point)
    {
        lock (gate)
            counts[point] = counts.GetValueOrDefault(point) + 1;
    }
}
