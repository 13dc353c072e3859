using System.CommandLine;
using Spectre.Console;

namespace Muster.Cli;

/// <summary>Runs a command and turns every refusal into one <c>Error:</c> line, one <c>Try:</c> line and a documented exit code.</summary>
internal static class Invocation
{
    public static async Task<int> RunAsync(RootCommand root, string[] args, Terminal terminal)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Error(terminal, error.Message);
            Try(terminal, $"muster {string.Join(' ', parsed.CommandResult.Command.Parents.OfType<Command>().Where(c => c is not RootCommand).Append(parsed.CommandResult.Command).Where(c => c is not RootCommand).Select(c => c.Name))} --help".Replace("  ", " ", StringComparison.Ordinal));
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (MusterException refusal)
        {
            Error(terminal, refusal.Message);
            Try(terminal, refusal.Hint);
            return refusal.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Detached;
        }
    }

    public static void Error(Terminal terminal, string message) => terminal.Talk.MarkupLine($"[red]Error:[/] {Markup.Escape(message)}");

    public static void Try(Terminal terminal, string hint) => terminal.Talk.MarkupLine($"[yellow]Try:[/] {Markup.Escape(hint)}");
}
