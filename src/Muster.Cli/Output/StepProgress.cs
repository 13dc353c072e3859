using System.Globalization;

namespace Muster.Cli.Output;

/// <summary>
/// Shows how far a long step is: one line that is redrawn in place on a terminal, one line every ten seconds elsewhere. What is over within a
/// second shows nothing.
/// </summary>
internal sealed class StepProgress(Terminal terminal, string verb)
{
    private const string EraseLine = "\r\u001b[K";

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Plain = TimeSpan.FromSeconds(10);

    private volatile string step = "";

    /// <summary>From now on the line says this.</summary>
    public void Say(string text) => step = text;

    /// <summary>Does the work on another thread, because files and databases block theirs, and shows it on this one.</summary>
    public async Task<T> FollowAsync<T>(Func<Task<T>> work)
    {
        var began = terminal.Time.GetTimestamp();
        var running = Task.Run(work, CancellationToken.None);
        var due = terminal.IsLive ? Calm : Plain;
        var isDrawn = false;
        while (!await EndsWithinAsync(running, due - terminal.Time.GetElapsedTime(began)))
        {
            var elapsed = terminal.Time.GetElapsedTime(began);
            var text = $"{step}{(step.Length > 0 ? ", " : "")}{Figures.Span(elapsed)}";
            if (terminal.IsLive)
                terminal.RawTalk.Write($"{EraseLine}  {Figures.Fit(text, terminal.TalkWidth - 4)}");
            else
                terminal.RawTalk.WriteLine($"{Stamp()} {verb} {text}");
            isDrawn = terminal.IsLive;
            due = elapsed + (terminal.IsLive ? Redraw : Plain);
        }

        if (isDrawn)
            terminal.RawTalk.Write(EraseLine);
        return await running;
    }

    private async Task<bool> EndsWithinAsync(Task running, TimeSpan time)
    {
        if (time > TimeSpan.Zero)
            await Task.WhenAny(running, Task.Delay(time, terminal.Time));
        return running.IsCompleted;
    }

    private string Stamp() => terminal.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
