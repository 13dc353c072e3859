using System.Diagnostics;

namespace Muster.Guards.Tests;

/// <summary>The command line as people run it, asked for its help.</summary>
internal static class CommandLine
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Every command with its parents, such as <c>promote plan</c>; null when there is no program to ask.</summary>
    public static async Task<IReadOnlyList<string>?> CommandsAsync(CancellationToken cancellationToken)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "muster-cli.dll");
        return File.Exists(program) ? await BelowAsync(program, [], cancellationToken) : null;
    }

    private static async Task<List<string>> BelowAsync(string program, string[] path, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (var name in Names(await HelpAsync(program, path, cancellationToken)))
        {
            string[] inner = [.. path, name];
            found.Add(string.Join(' ', inner));
            found.AddRange(await BelowAsync(program, inner, cancellationToken));
        }

        return found;
    }

    /// <summary>The first word of each line under <c>Commands:</c>; a wrapped description is indented further.</summary>
    private static IEnumerable<string> Names(string help) =>
        help.Split('\n').SkipWhile(line => line.Trim() != "Commands:").Skip(1).TakeWhile(line => line.Trim().Length > 0)
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ')
            .Select(line => line.Trim().Split(' ', ',')[0]);

    private static async Task<string> HelpAsync(string program, string[] path, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in (string[])["exec", program, .. path, "--help"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        process.ExitCode.ShouldBe(0, $"muster {string.Join(' ', path)} --help");
        return text;
    }
}
