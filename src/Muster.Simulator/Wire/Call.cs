using Microsoft.AspNetCore.Http;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Wire;

/// <summary>One authenticated call on its way to an endpoint.</summary>
internal sealed record Call(HttpContext Http, string Workspace, string Version, string RequestId, DateTimeOffset Now)
{
    /// <summary>The fault that was drawn for this call, or null. The router applies all but those within a results stream.</summary>
    public CallFault? Fault { get; init; }

    public bool LongOutput => HeaderRules.Betas(Http.Request.Headers["anthropic-beta"]).Contains(HeaderRules.LongOutput);
}
