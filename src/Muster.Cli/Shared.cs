using System.CommandLine;
using Muster.Jobs;

namespace Muster.Cli;

/// <summary>Options and arguments that mean the same in every command.</summary>
internal static class Shared
{
    public static Argument<string?> JobFile() => new("job")
    {
        Description = "The job file, NAME.job.yaml. Default: the only one in this folder.", Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object (docs/json-output.md)." };

    public static Option<string?> Source() => new("--source") { Description = "Read this file instead of the job's source.", HelpName = "FILE" };

    /// <summary>Loads the job that was named, or the only one here.</summary>
    public static Job Load(string? path, string? source = null) => Jobs.JobFile.Load(path ?? OnlyJobHere(), new JobOverrides(source));

    private static string OnlyJobHere()
    {
        var found = Directory.GetFiles(Environment.CurrentDirectory, "*.job.yaml");
        return found.Length switch
        {
            1 => found[0],
            0 => throw new UsageException("There is no *.job.yaml in this folder.", "Name a job file, or write one with `muster init`."),
            _ => throw new UsageException($"There are {found.Length} job files in this folder: {string.Join(", ", found.Select(Path.GetFileName))}.",
                "Name the one you mean."),
        };
    }
}

/// <summary>The command line does not say what to do.</summary>
internal sealed class UsageException(string message, string hint) : MusterException(message, hint)
{
    public override int ExitCode => ExitCodes.Usage;
}
