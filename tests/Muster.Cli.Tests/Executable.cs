using System.Diagnostics;

namespace Muster.Cli.Tests;

/// <summary>What a process of the real executable printed and returned.</summary>
internal sealed record Outcome(int Code, string Out, string Err)
{
    public IReadOnlyList<string> Errors => [.. Err.Split('\n').Where(line => line.StartsWith("Error: ", StringComparison.Ordinal))];

    public IReadOnlyList<string> Hints => [.. Err.Split('\n').Where(line => line.StartsWith("Try: ", StringComparison.Ordinal))];

    /// <summary>What is to be typed next, in the order in which it was said.</summary>
    public IReadOnlyList<string> Nexts => [.. Err.Split('\n').Where(line => line.StartsWith("Next: ", StringComparison.Ordinal)).Select(line => line[6..].TrimEnd())];
}

/// <summary>Starts muster as a user does: its own process, its own folder, its own environment.</summary>
internal static class Executable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Path = System.IO.Path.GetFullPath(System.IO.Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Muster.Cli", System.IO.Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\')), "muster-cli.dll"));

    public static async Task<Outcome> RunAsync(string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        foreach (var argument in (string[])["exec", Path, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var name in (string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "MUSTER_STORE", "MUSTER_PRICES", "CI"])
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return new Outcome(process.ExitCode, await output, await errors);
    }
}
