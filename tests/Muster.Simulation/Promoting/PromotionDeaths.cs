using Muster.Promotion;
using Muster.Simulation.Scheduling;
using Muster.Stores;

namespace Muster.Simulation.Promoting;

/// <summary>How the processes of a seed's promotion die: chances of a kill at an await, of a kill at a point inside of a step and of a stop there.</summary>
internal sealed record PromotionDeaths(double AtAwait, double Inside, double Stop)
{
    public int Count { get; set; }

    public static PromotionDeaths Draw(Dice dice)
    {
        double Maybe(double chance, double most) => dice.Hit(chance) ? most * dice.Unit() : 0;
        return new PromotionDeaths(Maybe(0.5, 0.15), Maybe(0.6, 0.2), Maybe(0.25, 0.1));
    }
}

/// <summary>How one process ends, other than by itself.</summary>
internal sealed class ProcessDeath
{
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>The files at the instant of the kill.</summary>
    public TargetRemains? Remains { get; set; }
}

/// <summary>What a command of the promotion works with.</summary>
internal sealed record PromotionProcess(VirtualProcess Process, IStore Store, Promotions Promotions, CancellationToken Stop);

/// <summary>SIGKILL inside of a step: unwinds to the process's end, whose files are then put back as they lay.</summary>
internal sealed class KilledException : Exception;
