namespace Muster.Cli.Reviewing;

/// <summary>Keys of the terminal, one at a time, with something done at intervals while nobody presses one.</summary>
internal sealed class ConsoleKeys(TimeProvider time)
{
    private Task<ConsoleKeyInfo>? pending;

    /// <summary>Waits for a key without end; Ctrl-C is one like any other.</summary>
    public async Task<ConsoleKeyInfo> NextAsync(TimeSpan interval, Func<Task> meanwhile)
    {
        // Reading blocks its thread, and nothing else waits for it.
        pending ??= Task.Run(() => Console.ReadKey(intercept: true));
        while (await Task.WhenAny(pending, Task.Delay(interval, time)) != pending)
            await meanwhile();
        var key = await pending;
        pending = null;
        return key;
    }
}
