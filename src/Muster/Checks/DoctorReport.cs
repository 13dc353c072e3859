namespace Muster.Checks;

internal enum DoctorStatus { Ok, Warn, Fail }

/// <param name="Name">What was looked at, one or two words.</param>
/// <param name="Found">What is there.</param>
/// <param name="Next">What to do about it; null when nothing needs doing.</param>
internal sealed record DoctorLine(string Name, DoctorStatus Status, string Found, string? Next = null);

/// <summary>The state of everything around a job that is not in its file.</summary>
internal sealed record DoctorReport(IReadOnlyList<DoctorLine> Lines)
{
    public bool IsHealthy => Lines.All(line => line.Status != DoctorStatus.Fail);
}

internal sealed record DoctorOptions
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>True asks nothing of the network.</summary>
    public bool Offline { get; init; }
}
