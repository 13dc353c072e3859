using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator;

/// <summary>
/// The Message Batches API without a socket or a host: the same state machine as <see cref="SimulatedApi"/> behind an
/// <see cref="HttpMessageHandler"/>. Its clock stands still except for <see cref="VirtualClock.Advance"/>, and a call that no fault
/// delays is answered before it returns.
/// </summary>
public sealed class InMemoryApi : IDisposable
{
    private readonly Service _service;
    private readonly Router _router;

    private InMemoryApi(Service service)
    {
        _service = service;
        _router = new Router(service);
    }

    /// <summary>An address for clients to name; nothing listens there.</summary>
    public Uri BaseUrl { get; } = new("http://127.0.0.1/");

    public VirtualClock Clock => _service.Clock;

    /// <summary>As <see cref="SimulatedApi.Truth"/>.</summary>
    public Truth Truth => _service.Shelf.Snapshot(Clock.GetUtcNow());

    /// <summary>As <see cref="SimulatedApi.Faults"/>.</summary>
    public FaultPlan Faults
    {
        get => _service.Desk.Plan;
        set => _service.SetFaults(value);
    }

    /// <param name="options">Port and speed are irrelevant here; without a start the clock begins at the real time.</param>
    /// <exception cref="SimulatorException">The options name an engine or a file that is not there.</exception>
    public static InMemoryApi Start(SimulatorOptions? options = null)
    {
        options ??= new SimulatorOptions();
        var service = new Service(options, ShelfFolder.Open(options.StateFolder));
        var kept = service.Shelf.Reopen();
        var start = options.StartAt ?? TimeProvider.System.GetUtcNow();
        service.Clock = new VirtualClock(kept > start ? kept.Value : start, speed: 0);
        var api = new InMemoryApi(service);
        service.BaseUrl = api.BaseUrl.ToString().TrimEnd('/');
        return api;
    }

    /// <summary>What carries a client's calls here.</summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(_router);

    public void Dispose() => _service.Shelf.Close(Clock.GetUtcNow());
}
