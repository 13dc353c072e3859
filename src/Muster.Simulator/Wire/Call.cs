using Microsoft.AspNetCore.Http;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Wire;

/// <summary>One authenticated call on its way to an endpoint.</summary>
internal sealed record Call(HttpContext Http, string Workspace, string Version, string RequestId, DateTimeOffset Now)
{
    /// <summary>The fault that was drawn for this call, or null. The router applies all but those within a results stream.</summary>
    public CallFault? Fault { get; init; }
}
