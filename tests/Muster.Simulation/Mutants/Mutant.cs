using Muster.Promotion;
using Muster.Simulation.Promoting;
using Muster.Simulation.Scheduling;
using Muster.Simulation.Stores;
using Muster.Stores;

namespace Muster.Simulation.Mutants;

/// <summary>A deliberate fault of the product, put in at one of its seams; the defaults change nothing.</summary>
internal abstract class Mutant
{
    public virtual IStore Store(IStore inner, MemoryState state, VirtualProcess process) => inner;

    /// <summary>A store as a pipeline sees it that knows the target, too.</summary>
    public virtual IStore Live(IStore inner, LiveTable table) => inner;

    public virtual ITarget Target(ITarget inner, LiveTable table) => inner;

    public virtual MemoryStore Memory(MemoryState state) => new(state);

    public virtual HttpMessageHandler Transport(HttpMessageHandler inner, World world, VirtualProcess process) => inner;

    public virtual Swarm Adjust(Swarm swarm) => swarm;

    /// <summary>Called when a process has died, before another one may start.</summary>
    public virtual void AfterDeath(MemoryState state)
    {
    }
}

/// <summary>The product as it is.</summary>
internal sealed class Unchanged : Mutant
{
    public static Unchanged Instance { get; } = new();
}
