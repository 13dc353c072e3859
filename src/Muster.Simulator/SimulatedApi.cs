using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Muster.Simulator.Batches;
using Muster.Simulator.Faults;
using Muster.Simulator.Wire;

namespace Muster.Simulator;

/// <summary>
/// The Message Batches API on 127.0.0.1, with faults and virtual time. Point a client's base URL at <see cref="BaseUrl"/>;
/// ask <see cref="Truth"/> what really happened.
/// </summary>
public sealed class SimulatedApi : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly Service _service;

    private SimulatedApi(WebApplication host, Service service)
    {
        _host = host;
        _service = service;
        BaseUrl = new Uri(service.BaseUrl);
    }

    public Uri BaseUrl { get; }

    public VirtualClock Clock => _service.Clock;

    /// <summary>A snapshot; makes and drops the lines of ended batches that nobody has downloaded yet, to know their tokens.</summary>
    public Truth Truth => _service.Shelf.Snapshot(Clock.GetUtcNow());

    /// <summary>May be replaced while calls run; a new plan counts calls and attempts from 1.</summary>
    public FaultPlan Faults
    {
        get => _service.Desk.Plan;
        set => _service.SetFaults(value);
    }

    /// <exception cref="SimulatorException">The options do not fit together, or the port is taken.</exception>
    public static async Task<SimulatedApi> StartAsync(SimulatorOptions? options = null, CancellationToken ct = default)
    {
        options ??= new SimulatorOptions();
        Check(options);
        var service = new Service(options, ShelfFolder.Open(options.StateFolder));
        var kept = service.Shelf.Reopen();
        var start = options.StartAt ?? TimeProvider.System.GetUtcNow();
        service.Clock = new VirtualClock(kept > start ? kept.Value : start, options.Speed);
        var host = Build(options, service);
        try
        {
            await host.StartAsync(ct);
        }
        catch (IOException e)
        {
            await host.DisposeAsync();
            service.Shelf.Close(service.Clock.GetUtcNow());
            throw new SimulatorException($"Port {options.Port} on 127.0.0.1 cannot be used: {e.Message}", "Choose another port, or 0 for a free one.", e);
        }

        service.BaseUrl = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new SimulatedApi(host, service);
    }

    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _host.StopAsync(limit.Token);
        }

        await _host.DisposeAsync();
        _service.Shelf.Close(Clock.GetUtcNow());
    }

    private static WebApplication Build(SimulatorOptions options, Service service)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;

            // A client may hold back the last bytes of an upload, and read results as slowly as it likes.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        var host = builder.Build();
        var router = new Router(service);
        host.Run(http => AnswerAsync(router, http));
        return host;
    }

    /// <summary>A client that goes away ends its own call and nothing else.</summary>
    private static async Task AnswerAsync(Router router, HttpContext http)
    {
        try
        {
            await router.HandleAsync(http);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or ConnectionAbortedException or BadHttpRequestException)
        {
            http.Abort();
        }
    }

    private static void Check(SimulatorOptions options)
    {
        if (options.Port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new SimulatorException($"There is no port {options.Port}.", $"Choose one from 1 to {IPEndPoint.MaxPort}, or 0 for a free one.");
        }

        if (options.TimeToEndMin < TimeSpan.Zero || options.TimeToEndMax < options.TimeToEndMin)
        {
            throw new SimulatorException(
                $"A batch cannot take from {options.TimeToEndMin} to {options.TimeToEndMax}.", "Let 0 ≤ TimeToEndMin ≤ TimeToEndMax.");
        }

        if (double.IsNaN(options.Speed) || options.Speed is < 0 or > 1_000_000)
        {
            throw new SimulatorException($"Speed is {options.Speed}.", "Speed is 0 (stopped) to 1,000,000 virtual seconds per second.");
        }
    }
}
