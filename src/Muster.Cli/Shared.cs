using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Muster.Cli.Output;
using Muster.Jobs;
using Muster.Promotion;
using Spectre.Console;

namespace Muster.Cli;

/// <summary>Options and arguments that mean the same in every command.</summary>
internal static class Shared
{
    /// <summary>As many as one promotion takes.</summary>
    private const int MaxKeys = PlanRequest.DefaultMaxRows;

    private static readonly int[] UnitSeconds = [1, 60, 3_600, 86_400];

    public static Argument<string?> JobFile() => new("job")
    {
        Description = "The job file, NAME.job.yaml. Default: the only one in this folder.", Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>A job file, or a run of the only job here.</summary>
    public static Argument<string?> JobFileOrRun() => new("job")
    {
        Description = "The job file, NAME.job.yaml, or a run, as `muster status` names it. Default: the only job in this folder.", Arity = ArgumentArity.ZeroOrOne, HelpName = "JOB|RUN",
    };

    /// <summary>What <see cref="JobFileOrRun"/> was given; a file of that name is the job.</summary>
    public static (string? Job, string? Run) JobOrRun(string? given, string? run)
    {
        if (given is null || !given.StartsWith("r-", StringComparison.Ordinal) || given.AsSpan(2).IndexOfAnyExceptInRange('0', '9') >= 0 || File.Exists(given))
            return (given, run);
        return run is null ? (null, given) : throw new UsageException($"{given} and --run {Excerpt.Of(run)} name a run twice.", "Leave one of the two out.");
    }

    public static Argument<string?> Run() => new("run") { Description = "The run, as `muster status` names it. Default: the last full one.", Arity = ArgumentArity.ZeroOrOne };

    public static Option<string?> RunOption() => new("--run") { Description = "This run instead of the last full one.", HelpName = "RUN" };

    /// <summary>The job, where the command's own argument is something else.</summary>
    public static Option<string?> JobOption() => new("--job") { Description = "The job file whose store is read. Default: the only one in this folder.", HelpName = "JOB" };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object (docs/json-output.md)." };

    public static Option<string?> Source() => new("--source") { Description = "Read this file instead of the job's source.", HelpName = "FILE" };

    /// <summary>A duration as people type it: <c>90s</c>, <c>30m</c>, <c>2h</c>, <c>1d</c>; a bare number is seconds.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            var unit = text.Length > 0 ? "smhd".IndexOf(text[^1], StringComparison.Ordinal) : -1;
            if (double.TryParse(unit < 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count <= 1e6)
                return TimeSpan.FromSeconds(count * UnitSeconds[Math.Max(unit, 0)]);
            result.AddError($"{name} is {Excerpt.Quoted(text)}; a time is a number with s, m, h or d, for example 30m.");
            return null;
        },
    };

    /// <summary>Refuses what is no number or lies outside of the bounds. Reads the token: asking for the value of one that does not parse throws.</summary>
    public static void Bound<T>(Option option, T min, T max, string refusal)
        where T : struct, INumber<T> =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !T.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !(value >= min && value <= max)))
                result.AddError(refusal);
        });

    /// <summary>Refuses a text without a word in it.</summary>
    public static void NotBlank(Option<string?> option) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                result.AddError($"{option.Name} is blank.");
        });

    /// <summary>Refuses, before any work, a file that cannot be written in the end; null and <c>-</c> are none.</summary>
    public static void RefuseUnwritable(string? path)
    {
        if (path is null or "-" || path.StartsWith("/dev/", StringComparison.Ordinal))
            return;
        if (Directory.Exists(path))
            throw new UsageException($"{Excerpt.Quoted(path)} is a folder.", "Name a file.");
        var folder = Path.GetDirectoryName(WholeFile.Followed(path))!;
        if (!Directory.Exists(folder))
            throw new UsageException($"{Excerpt.Quoted(path)} cannot be written: its folder does not exist.", "Make the folder, or name a file in one that is there.");
        if (Checks.FolderProbe.WhyUnwritable(folder) is { } why)
            throw new UsageException($"{Excerpt.Quoted(path)} cannot be written: {why}", "Name a file in a folder that is yours.");
    }

    /// <summary>A file with a key on each line.</summary>
    public static Option<IReadOnlySet<string>?> Keys(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "FILE",
        CustomParser = result =>
        {
            var path = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            try
            {
                var keys = File.ReadLines(path).Where(line => line.Length > 0).Take(MaxKeys + 1).ToHashSet(StringComparer.Ordinal);
                if (keys.Count is > 0 and <= MaxKeys)
                    return keys;
                result.AddError($"{name}: {Excerpt.Quoted(path)} holds {(keys.Count == 0 ? "no key" : $"more than {MaxKeys} keys")}; write 1 to {MaxKeys}, one a line.");
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
            {
                result.AddError($"{name}: {Excerpt.Quoted(path)} cannot be read: {problem.Message}");
            }

            return null;
        },
    };

    /// <summary>Refuses the first option together with one of the others.</summary>
    public static void Exclude(Command command, Option first, params Option[] others) =>
        command.Validators.Add(result =>
        {
            if (result.GetResult(first) is null)
                return;
            foreach (var other in others.Where(other => result.GetResult(other) is not null))
                result.AddError($"{first.Name} and {other.Name} are given; leave one of the two out.");
        });

    /// <summary>False where nobody can be asked.</summary>
    public static bool Agrees(Terminal terminal, string question) =>
        terminal.CanAsk && terminal.Talk.Prompt(new ConfirmationPrompt(Markup.Escape(Figures.Clean(question))) { DefaultValue = false });

    /// <summary>Loads the job that was named, or the only one here.</summary>
    public static Job Load(string? path, string? source = null) => Jobs.JobFile.Load(path ?? OnlyJobHere(), new JobOverrides(source));

    public static string OnlyJobHere()
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
