namespace Muster.Claude;

/// <summary>A value that is used and never shown: every way of printing it gives <c>[redacted]</c>.</summary>
public sealed class Secret(string value)
{
    private readonly string value = value;

    internal string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "[redacted]";
}
