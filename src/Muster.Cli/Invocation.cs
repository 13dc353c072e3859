using System.CommandLine;
using System.CommandLine.Parsing;
using Muster.Cli.Output;
using Muster.Simulator;
using Spectre.Console;

namespace Muster.Cli;

/// <summary>Runs a command and turns every refusal into one <c>Error:</c> line, one <c>Try:</c> line and a documented exit code.</summary>
internal static class Invocation
{
    public static async Task<int> RunAsync(RootCommand root, string[] args, Terminal terminal)
    {
        Help.Install(root);
        var parsed = root.Parse(args);
        var faults = parsed.Errors.Select(error => error.Message.TrimEnd('.') + ".").Concat(UnknownOptions(parsed.CommandResult)).ToList();
        if (faults.Count > 0)
        {
            foreach (var fault in faults)
                Error(terminal, fault);
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
            Error(terminal, refusal.Message);
            Try(terminal, refusal.Hint);
            return refusal.ExitCode;
        }
        catch (SimulatorException refusal)
        {
            Error(terminal, refusal.Message);
            Try(terminal, refusal.Hint);
            return ExitCodes.Usage;
        }
        catch (OperationCanceledException) when (detach.Token.IsCancellationRequested)
        {
            return ExitCodes.Detached;
        }
    }

    public static void Error(Terminal terminal, string message) => terminal.Talk.MarkupLine($"[red]Error:[/] {Markup.Escape(Figures.Clean(message))}");

    public static void Try(Terminal terminal, string hint) => terminal.Talk.MarkupLine($"[yellow]Try:[/] {Markup.Escape(Figures.Clean(hint))}");

    // The parser would take a mistyped option for a job file.
    private static IEnumerable<string> UnknownOptions(CommandResult command) =>
        command.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Where(token => token.Value.Length > 1 && token.Value[0] == '-')
            .Select(token => $"There is no option {Excerpt.Of(token.Value)}.");

    private static string NameOf(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Reverse().Append(command).Select(c => c is RootCommand ? "muster" : c.Name));
}
