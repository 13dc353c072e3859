using Muster.Stores;
using Muster.Tests.Stores;

namespace Muster.Simulation.Stores;

/// <summary>The simulation's store keeps the same contract as the real ones.</summary>
public sealed class MemoryStoreTests : StoreContract
{
    private protected override Task<IStore> OpenAsync() => Task.FromResult<IStore>(new MemoryStore(new MemoryState()));
}
