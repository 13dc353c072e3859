namespace Muster.Cli.Reviewing;

/// <summary>Keys of the terminal, one at a time, with something done at intervals while nobody presses one.</summary>
internal sealed class ConsoleKeys(TimeProvider time)
{
    private Task<ConsoleKeyInfo>? pending;

    /// <summary>Waits for a key without end; Ctrl-C is one like any other. Null when the process is asked to end.</summary>
    public async Task<ConsoleKeyInfo?> NextAsync(TimeSpan interval, Func<Task> meanwhile, CancellationToken cancellationToken = default)
    {
        // Reading blocks its thread, and nothing else waits for it.
        pending ??= Task.Run(() => Console.ReadKey(intercept: true));
        while (await Task.WhenAny(pending, Task.Delay(interval, time, cancellationToken)) != pending)
        {
            if (cancellationToken.IsCancellationRequested)
                return null;
            await meanwhile();
        }

        var key = await pending;
        pending = null;
        return key;
    }
}
