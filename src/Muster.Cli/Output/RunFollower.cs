using Muster.Batches;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Spectre.Console;

namespace Muster.Cli.Output;

/// <summary>
/// Shows a run while it goes on: redrawn about once a second on a terminal, one plain line per change elsewhere. It reads through a
/// connection of its own; a read that fails is left out and never touches the run.
/// </summary>
internal sealed class RunFollower(Terminal terminal, string folder, string job) : IProgress<RunEvent>, IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(60);

    /// <summary>The same trouble again within this time is one line.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<(RunEventKind Kind, string? Batch), DateTimeOffset> told = [];
    private SqliteStore? reader;
    private DateTimeOffset lastLine;
    private volatile RunEvent? last;

    /// <summary>The run's name as soon as an event bore it.</summary>
    public string? Run => last?.Run;

    public void Report(RunEvent value)
    {
        last = value;
        if (terminal.IsLive)
            return;
        lock (gate)
        {
            if (IsRepeated(value))
                return;
            told[(value.Kind, value.Batch)] = value.At;
            lastLine = value.At;
            terminal.RawTalk.WriteLine(PlainLine.Of(value, Read()));
        }
    }

    /// <summary>Follows until <paramref name="running"/> ends; its outcome is the caller's.</summary>
    public async Task FollowAsync(Task running)
    {
        if (!terminal.IsLive)
        {
            while (await WaitAsync(running, Tick))
                Beat();
            return;
        }

        await terminal.Talk.Live(new Text("")).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
        {
            do
            {
                if (Read() is { } report)
                    context.UpdateTarget(Picture(report));
            }
            while (await WaitAsync(running, Tick));
        });
    }

    /// <summary>The run as it stands, or null when it cannot be read just now.</summary>
    public RunReport? Read(ReportScope scope = ReportScope.Progress)
    {
        lock (gate)
        {
            try
            {
                reader ??= SqliteStore.OpenForReading(folder);
                return reader is null ? null : RunReport.LatestAsync(reader, job, scope).GetAwaiter().GetResult();
            }
            catch (Exception problem) when (problem is StoreException or System.Data.Common.DbException or IOException)
            {
                // One tick without a picture; the run itself reads and writes elsewhere.
                return null;
            }
        }
    }

    /// <summary>What an interrupt leaves behind: a run that goes on at the remote, or one that has nothing there and waits.</summary>
    /// <param name="otherwise">Stands for the run before an event bore its name.</param>
    /// <param name="command">Goes on with it.</param>
    public string Left(string otherwise, string command) =>
        Run is { } name && Read() is { } report && report.Run.Name == name && !report.Batches.Any(IsAtRemote)
            ? $"{name} waits for `{command}`"
            : $"{Run ?? otherwise} goes on at the remote: {command}";

    public async ValueTask DisposeAsync()
    {
        if (reader is not null)
            await reader.DisposeAsync();
    }

    /// <summary>It may be: of one that is being created nobody knows.</summary>
    private static bool IsAtRemote(Batch batch) =>
        batch is { Lane: Lane.Batch, State: BatchState.Sending or BatchState.Unknown or BatchState.Created or BatchState.Ended };

    private Rows Picture(RunReport report)
    {
        var profile = terminal.Talk.Profile;
        var note = last is { } e ? $"{Figures.Words(e.Kind)}{(e.Batch is null ? "" : $" {e.Batch}")}: {e.Text}" : null;
        return new Rows(RunView.Lines(report, note, profile.Width - 1, profile.Height, terminal.Time.GetUtcNow()).Select(line => new Text(line)));
    }

    private void Beat()
    {
        lock (gate)
        {
            var now = terminal.Time.GetUtcNow();
            if (now - lastLine < Heartbeat || Read() is not { } report)
                return;
            lastLine = now;
            terminal.RawTalk.WriteLine(PlainLine.Of(now, report));
        }
    }

    private bool IsRepeated(RunEvent next) => next.Kind switch
    {
        RunEventKind.RowsRead => next.At - told.GetValueOrDefault((next.Kind, next.Batch)) < Heartbeat,
        RunEventKind.Waiting or RunEventKind.Trouble => next.At - told.GetValueOrDefault((next.Kind, next.Batch)) < Repeat,
        _ => false,
    };

    /// <summary>False when the run ended meanwhile.</summary>
    private async Task<bool> WaitAsync(Task running, TimeSpan time)
    {
        await Task.WhenAny(running, Task.Delay(time, terminal.Time));
        return !running.IsCompleted;
    }
}
