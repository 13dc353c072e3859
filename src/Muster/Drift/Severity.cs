namespace Muster.Drift;

/// <summary>What a check says. Only <see cref="Block"/> holds a promotion.</summary>
internal enum Severity
{
    Ok,

    /// <summary>Recorded and shown, judged by nobody.</summary>
    Info,

    /// <summary>Too few rows, or nothing to compare with: no answer, which is not <see cref="Ok"/>.</summary>
    NotApplicable,
    Warn,
    Block,
}
