using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>The real executable as a process of its own, in a folder, with an environment.</summary>
internal sealed class Cli : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();
    private readonly Lock gate = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> awaited = [];

    private Cli(Process process) => this.process = process;

    public static string Executable { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Muster.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\')), "muster-cli.dll"));

    public int Id => process.Id;

    public static Cli Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in (string[])["exec", Executable, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var name in (string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "MUSTER_STORE", "MUSTER_QUIET_PERIOD", "MUSTER_POLL_INTERVAL", "CI", "NO_COLOR"])
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var cli = new Cli(new Process { StartInfo = start });
        cli.process.OutputDataReceived += (_, line) => cli.Read(cli.output, line.Data);
        cli.process.ErrorDataReceived += (_, line) => cli.Read(cli.errors, line.Data);
        cli.process.Start();
        cli.process.StandardInput.Close();
        cli.process.BeginOutputReadLine();
        cli.process.BeginErrorReadLine();
        return cli;
    }

    public static async Task<CliResult> RunAsync(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var cli = Start(folder, environment, arguments);
        return await cli.EndAsync();
    }

    /// <summary>Waits for a piece of text on either stream; false when the process ends without it.</summary>
    public async Task<bool> SaysAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (Holds(text))
                return true;
            awaited.Add((text, seen));
        }

        using var limit = new CancellationTokenSource(Limit);
        await Task.WhenAny(seen.Task, process.WaitForExitAsync(limit.Token));
        lock (gate)
            return Holds(text);
    }

    /// <summary>SIGINT, or SIGTERM where the surrounding shell made its children ignore SIGINT.</summary>
    public void Interrupt()
    {
        var ignored = Convert.ToUInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim(), 16);
        using var kill = Process.Start("kill", [(ignored & 2) != 0 ? "-TERM" : "-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>SIGKILL; false when the process had ended by itself.</summary>
    public bool Kill()
    {
        if (process.HasExited)
            return false;
        process.Kill();
        return true;
    }

    public async Task<CliResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        lock (gate)
            return new CliResult(process.ExitCode, output.ToString(), errors.ToString());
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private bool Holds(string text) => output.ToString().Contains(text, StringComparison.Ordinal) || errors.ToString().Contains(text, StringComparison.Ordinal);

    private void Read(StringBuilder into, string? line)
    {
        if (line is null)
            return;
        lock (gate)
        {
            into.Append(line).Append('\n');
            foreach (var (_, seen) in awaited.Where(waiting => line.Contains(waiting.Text, StringComparison.Ordinal)))
                seen.TrySetResult();
        }
    }
}

internal sealed record CliResult(int ExitCode, string Out, string Err)
{
    public string All => Out + Err;

    public JsonElement Json => JsonDocument.Parse(Out).RootElement;
}
