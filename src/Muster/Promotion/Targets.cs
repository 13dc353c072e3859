using Muster.Jobs;

namespace Muster.Promotion;

/// <summary>The door to the targets.</summary>
public static class Targets
{
    /// <summary>The target that a job names. A file's plans and images are kept in <c>.muster/targets</c> beside it, whoever promotes.</summary>
    public static ITarget Open(TargetSpec spec, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Kind == TargetKind.Sqlite
            ? new SqliteTarget(spec, time)
            : new FileTarget(spec, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(spec.Path))!, ".muster", "targets", Path.GetFileName(spec.Path) + ".db"), time);
    }
}
