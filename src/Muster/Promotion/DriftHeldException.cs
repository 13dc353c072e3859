namespace Muster.Promotion;

/// <summary>The run as a whole is not what the last accepted one was; nothing was promoted.</summary>
public sealed class DriftHeldException(string message, string hint) : MusterException(message, hint)
{
    public override int ExitCode => ExitCodes.Unbalanced;
}
