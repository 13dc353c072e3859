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
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>Points that any process of this run came to.</summary>
    public IReadOnlySet<string> Told => told;

    /// <summary>Called with each point as it is told.</summary>
    public Action<string> Heard { get; init; } = _ => { };

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
        var spoke = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string? hit = null;
        var seen = FilesOf(moment);
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            talk.AppendLine(line.Data);
            if (line.Data?.Split(' ', 4) is not [_, _, var kind, ..] || !KillMoment.Points.Contains(kind))
                return;
            told.Add(kind);
            Heard(kind);
            spoke.TrySetResult();
            var isWanted = tally.IsWanted(kind);
            if (hit is not null || moment?.IsAt(kind, isWanted) != true)
                return;
            hit = kind;
            // Here and at once: after its last event a process has only milliseconds to live.
            if (moment.After == TimeSpan.Zero)
                process.Kill();
            reached.TrySetResult();
        };
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync();
        var atPoint = moment is not null && await WaitForAsync(moment, seen, spoke.Task, reached.Task, ended);
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
    /// <param name="before">The files that a moment is about, before the process began.</param>
    private async Task<bool> WaitForAsync(KillMoment moment, IReadOnlySet<SeenFile> before, Task spoke, Task told, Task ended)
    {
        if (moment.Point is null)
        {
            await Task.WhenAny(ended, Task.Delay(moment.After));
            return false;
        }

        var limit = LimitAsync(moment, spoke, ended);
        var reached = moment.Point is KillMoment.Download or KillMoment.Target ? SeesAsync(moment, before, ended, limit) : told;
        await Task.WhenAny(ended, limit, reached);
        var isReached = told.IsCompleted || (reached.IsCompletedSuccessfully && reached is Task<bool> { Result: true });
        if (isReached && moment.After > TimeSpan.Zero)
            await Task.WhenAny(ended, Task.Delay(moment.After));
        return isReached;
    }

    private static async Task LimitAsync(KillMoment moment, Task spoke, Task ended)
    {
        if (moment.IsSoon)
            await Task.WhenAny(spoke, ended, Task.Delay(KillMoment.Late));
        await Task.Delay(moment.Longest);
    }

    /// <summary>True when a file was seen that the process wrote to: one that a killed process left is none.</summary>
    private async Task<bool> SeesAsync(KillMoment moment, IReadOnlySet<SeenFile> before, Task ended, Task limit)
    {
        while (!ended.IsCompleted && !limit.IsCompleted)
        {
            if (FilesOf(moment).Any(file => file.Bytes > 0 && !before.Contains(file)))
                return true;
            await Task.Delay(Look);
        }

        return false;
    }

    private HashSet<SeenFile> FilesOf(KillMoment? moment)
    {
        var (where, pattern) = moment?.Point switch
        {
            KillMoment.Download => (Path.Combine(folder, ".muster"), "*.part"),
            KillMoment.Target => (folder, "shop.db-*"),
            _ => (null, ""),
        };
        try
        {
            return where is null ? [] : [.. new DirectoryInfo(where).EnumerateFiles(pattern, SearchOption.AllDirectories)
                .Select(file => new SeenFile(file.FullName, file.Length, file.LastWriteTimeUtc))];
        }
        catch (IOException)
        {
            // Not there yet, or gone between listing and looking.
            return [];
        }
    }

    private readonly record struct SeenFile(string Path, long Bytes, DateTime WrittenAt);
}
