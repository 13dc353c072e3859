using System.Diagnostics;
using System.Text;

namespace Muster.Guards.Tests;

/// <summary>One command of the README's transcript, run by bash as it stands there; both streams go to one pipe, as on a terminal.</summary>
internal sealed class Shell : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly Process process;
    private readonly StringBuilder output = new();

    private Shell(Process process) => this.process = process;

    public static Shell Start(string command, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("bash")
        {
            WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true, StandardOutputEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; {command}");
        foreach (var name in (string[])["MUSTER_STORE", "MUSTER_PRICES", "MUSTER_QUIET_PERIOD"])
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var shell = new Shell(new Process { StartInfo = start });
        shell.process.Start();
        shell.process.StandardInput.Close();
        return shell;
    }

    public async Task<string> EndAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        output.Append(await process.StandardOutput.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return output.ToString();
    }

    /// <summary>The lines up to and with the first one that holds <paramref name="text"/>.</summary>
    public async Task<string> UntilAsync(string text, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            output.Append(line).Append('\n');
            if (line.Contains(text, StringComparison.Ordinal))
                return output.ToString();
        }

        throw new InvalidOperationException($"'{text}' was not said: {output}");
    }

    /// <summary>SIGKILL; the program has taken the place of its shell.</summary>
    public void Kill() => process.Kill();

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
