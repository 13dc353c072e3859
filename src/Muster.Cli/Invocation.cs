using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Data.Sqlite;
using Muster.Cli.Output;
using Muster.Simulator;
using Muster.Stores;
using Spectre.Console;

namespace Muster.Cli;

/// <summary>Runs a command and turns every refusal into one <c>Error:</c> line, one <c>Try:</c> line and a documented exit code.</summary>
internal static class Invocation
{
    private const int MaxErrors = 20;

    public static async Task<int> RunAsync(RootCommand root, string[] args, Terminal terminal)
    {
        Help.Install(root);
        // A key may begin with @; no argument names a file of further arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var faults = parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" ").Replace("\t", "").TrimEnd('.') + ".").Concat(UnknownOptions(parsed)).ToList();
        if (faults.Count == 0)
            faults.AddRange(Blanks(parsed.CommandResult));
        if (faults.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction and not Help)
        {
            Error(terminal, string.Join(' ', faults));
            Try(terminal, $"{NameOf(parsed.CommandResult.Command)} --help");
            return ExitCodes.Usage;
        }

        using var detach = new Detach();
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, detach.Token);
        }
        catch (MusterException refusal)
        {
            Errors(terminal, Refusal.Of(refusal));
            return refusal.ExitCode;
        }
        catch (SqliteException problem) when (StoreRefusal.Of(problem, StoreOf(parsed)) is not null)
        {
            // Sources and targets name their own; what comes here as it was thrown is the store's.
            var refusal = StoreRefusal.Of(problem, StoreOf(parsed))!;
            Errors(terminal, Refusal.Of(refusal));
            return refusal.ExitCode;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SqliteException)
        {
            Error(terminal, problem.Message);
            Try(terminal, "Check that the path exists, that you may use it, and that the disk has room; then repeat the command.");
            return ExitCodes.Error;
        }
        catch (SimulatorException refusal)
        {
            Error(terminal, refusal.Message);
            Try(terminal, refusal.Hint);
            return ExitCodes.Usage;
        }
        catch (OperationCanceledException) when (detach.Token.IsCancellationRequested)
        {
            terminal.Say("Stopped by Ctrl-C; nothing is half written. The same command begins it again.");
            return ExitCodes.Detached;
        }
    }

    /// <summary>A pair of lines for each; of a file that is wrong everywhere only the first.</summary>
    public static void Errors(Terminal terminal, IReadOnlyList<Refusal> refusals)
    {
        foreach (var refusal in refusals.Take(MaxErrors))
        {
            Error(terminal, refusal.Message);
            Try(terminal, refusal.Hint);
        }

        if (refusals.Count > MaxErrors)
            terminal.RawTalk.WriteLine($"and {refusals.Count - MaxErrors} more");
    }

    public static void Error(Terminal terminal, string message) => terminal.Talk.MarkupLine($"[red]Error:[/] {Markup.Escape(Figures.Clean(message))}");

    public static void Try(Terminal terminal, string hint) => terminal.Talk.MarkupLine($"[yellow]Try:[/] {Markup.Escape(Figures.Clean(hint))}");

    // The parser would take a mistyped option for a job file.
    private static IEnumerable<string> UnknownOptions(ParseResult parsed)
    {
        var plain = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        return parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Where(token => token.Value.Length > 1 && token.Value[0] == '-' && !plain.Contains(token.Value))
            .Select(token => $"There is no option {Excerpt.Quoted(token.Value)}.");
    }

    /// <summary>What a shell makes of a variable that is not set. Texts are judged where they are used.</summary>
    private static IEnumerable<string> Blanks(CommandResult command)
    {
        foreach (var result in command.Children.Where(result => result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value))))
        {
            if (result is ArgumentResult argument)
                yield return $"{argument.Argument.HelpName ?? argument.Argument.Name} is blank.";
            else if (result is OptionResult { Option: { HelpName: not (null or "EXPR" or "REASON" or "TEXT" or "NAME" or "/P=V") } option })
                yield return $"{option.Name} is blank.";
        }
    }

    /// <summary>The store that a command works on: beside the job file that it names, or here.</summary>
    private static string StoreOf(ParseResult parsed) => StoreFolder.Of(
        parsed.Tokens.Select(token => token.Value).FirstOrDefault(text => text.EndsWith(".job.yaml", StringComparison.Ordinal)) is { } job
            ? Path.GetDirectoryName(Path.GetFullPath(job))! : Environment.CurrentDirectory);

    private static string NameOf(Command command) =>
        command is RootCommand ? "muster" : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } above ? NameOf(above) : "muster")} {command.Name}";
}
