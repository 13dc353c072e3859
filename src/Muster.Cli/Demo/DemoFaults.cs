using Muster.Simulator.Faults;

namespace Muster.Cli.Demo;

/// <summary>What goes wrong in the demo, so that every way of a row is seen: retries, escalation, and a create whose reply is lost.</summary>
internal static class DemoFaults
{
    /// <summary>The pilot meets odd rows and nothing else.</summary>
    public static FaultPlan Pilot { get; } = new() { Seed = 7 };

    public static FaultPlan Plan { get; } = new()
    {
        Seed = 7,
        Rates = new Dictionary<string, double>(StringComparer.Ordinal) { ["overloaded_error"] = 0.01, ["expired"] = 0.01 },
        Models =
        [
            new ModelFaults { Model = "haiku", Broken = 0.01, Violation = 0.04, Truncated = 0.005 },
            new ModelFaults { Model = "sonnet", Violation = 0.05 },
        ],
        Calls = [new CallFault { Endpoint = "create", Nth = [2], Fault = CallFaultKind.ResetAfter }],
    };
}
