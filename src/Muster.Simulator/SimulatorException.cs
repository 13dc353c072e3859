namespace Muster.Simulator;

/// <summary>A refusal of the simulator itself (its options or a fault plan), never of the simulated API.</summary>
public sealed class SimulatorException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The next step for the reader, one sentence.</summary>
    public string Hint { get; } = hint;
}
