namespace Muster.Jobs;

/// <summary>What a caller decides instead of the job file.</summary>
/// <param name="Source">
/// Path that replaces the source's, relative to the current folder. When it is a folder, the job's own file names are looked for
/// there. Null leaves the job's.
/// </param>
public sealed record JobOverrides(string? Source = null);
