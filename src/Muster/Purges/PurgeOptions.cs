using Muster.Claude;
using Muster.Promotion;

namespace Muster.Purges;

internal sealed record PurgeOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Chance Chance { get; init; } = Chance.Unguessable();

    /// <summary>Where batches are deleted; null leaves the remote's copies and says so.</summary>
    public BatchesClient? Remote { get; init; }

    /// <summary>The target whose promotion log holds images; null when the job has none.</summary>
    public ITarget? Target { get; init; }

    /// <summary>Called with the name of each point at which a process may die.</summary>
    public Action<string> Reached { get; init; } = _ => { };
}
