namespace Muster.Drift;

/// <summary>Drift cannot be judged as asked.</summary>
public sealed class DriftException(string message, string hint) : MusterException(message, hint)
{
    public override int ExitCode => ExitCodes.Usage;
}
