using Muster.Jobs;

namespace Muster.Stores;

/// <summary>Where a job's state lives: <c>.muster/</c> beside the job file, unless <c>MUSTER_STORE</c> names another folder.</summary>
public static class StoreFolder
{
    public const string Variable = "MUSTER_STORE";

    public static string Of(Job job) => Of(job.Directory);

    public static string Of(string jobDirectory) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(jobDirectory, ".muster");
}
