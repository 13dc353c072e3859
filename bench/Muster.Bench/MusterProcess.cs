using System.Diagnostics;
using System.Text;

namespace Muster.Bench;

/// <summary>How a process of the executable ended.</summary>
/// <param name="Point">The point it died at; null when it died at a drawn moment or ended by itself.</param>
internal sealed record ProcessEnd(bool Killed, string? Point, int ExitCode, string Output, string Talk);

/// <summary>The real executable as a process of its own, which may die by SIGKILL.</summary>
internal sealed class MusterProcess(string folder, IReadOnlyDictionary<string, string> environment, PointTally tally)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A kill so soon after a point counts as one at the point; a later one as one at a drawn instant.</summary>
    private static readonly TimeSpan Beside = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(3);

    public static string Executable { get; } = typeof(Muster.Cli.Terminal).Assembly.Location;

    public static ProcessStartInfo Info(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Executable, .. arguments])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var name in (string[])["MUSTER_STORE", "MUSTER_PRICES", "CI"])
            start.Environment.Remove(name);
        return start;
    }

    /// <summary>Runs a command to its end, or to its death at the moment when one is given.</summary>
    public async Task<ProcessEnd> RunAsync(string[] arguments, KillMoment? moment)
    {
        var start = Info(folder, arguments);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var (output, talk) = (new StringBuilder(), new StringBuilder());
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string? hit = null;
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            talk.AppendLine(line.Data);
            if (line.Data?.Split(' ', 4) is not [_, _, var kind, ..] || !KillMoment.Points.Contains(kind))
                return;
            var isWanted = tally.IsWanted(kind);
            if (hit is null && (kind == moment?.Point || (moment?.Point == KillMoment.Rarest && isWanted)))
            {
                hit = kind;
                reached.TrySetResult();
            }
        };
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync();
        var atPoint = moment is not null && await WaitForAsync(moment, reached.Task, ended);
        if (moment is not null && !process.HasExited)
            process.Kill();
        await ended.WaitAsync(Patience);
        var killed = moment is not null && process.ExitCode == 128 + 9;
        var at = killed && atPoint && moment!.After <= Beside ? hit ?? moment.Point : null;
        if (at is not null)
            tally.Hit(at);
        return new ProcessEnd(killed, at, process.ExitCode, output.ToString(), talk.ToString());
    }

    /// <summary>True when the moment came at its point.</summary>
    private async Task<bool> WaitForAsync(KillMoment moment, Task told, Task ended)
    {
        if (moment.Point is null)
        {
            await Task.WhenAny(ended, Task.Delay(moment.After));
            return false;
        }

        var limit = Task.Delay(KillMoment.Longest);
        var reached = moment.Point switch
        {
            KillMoment.Download => SeesAsync(Path.Combine(folder, ".muster"), "*.part", ended, limit),
            KillMoment.Target => SeesAsync(folder, "shop.db-*", ended, limit),
            _ => told,
        };
        await Task.WhenAny(ended, limit, reached);
        var isReached = told.IsCompleted || (reached.IsCompletedSuccessfully && reached is Task<bool> { Result: true });
        if (isReached && moment.After > TimeSpan.Zero)
            await Task.WhenAny(ended, Task.Delay(moment.After));
        return isReached;
    }

    /// <summary>True when a file that fits and is not empty was seen.</summary>
    private static async Task<bool> SeesAsync(string where, string pattern, Task ended, Task limit)
    {
        while (!ended.IsCompleted && !limit.IsCompleted)
        {
            try
            {
                if (new DirectoryInfo(where).EnumerateFiles(pattern, SearchOption.AllDirectories).Any(file => file.Length > 0))
                    return true;
            }
            catch (IOException)
            {
                // Not there yet, or gone between listing and looking.
            }

            await Task.Delay(Look);
        }

        return false;
    }
}
