using Muster.Runs;

namespace Muster.Tests.Runs;

/// <summary>Dies at every point that can be named, again and again, until a run finishes undisturbed.</summary>
public sealed class KillPointTests
{
    private const int Rows = 12;

    [Fact]
    public async Task Killed_at_each_event_the_run_ends_as_if_undisturbed() =>
        await KillEachAsync((trial, n) =>
        {
            var heard = 0;
            trial.Heard.OnEvent = _ =>
            {
                if (++heard == n)
                    throw new KilledException();
            };
            return null;
        });

    [Fact]
    public async Task Killed_before_each_call_the_run_ends_as_if_undisturbed() =>
        await KillEachAsync((_, n) => new Wire { Before = (call, _) => call == n ? throw new KilledException() : Task.CompletedTask });

    [Fact]
    public async Task Killed_after_each_call_the_run_ends_as_if_undisturbed() =>
        await KillEachAsync((_, n) => new Wire { After = (call, _) => call == n ? throw new KilledException() : Task.CompletedTask });

    [Fact]
    public async Task Detached_at_each_call_the_run_ends_as_if_undisturbed() =>
        await KillEachAsync((trial, n) => new Wire
        {
            Before = async (call, _) =>
            {
                if (call == n)
                    await trial.Detach.CancelAsync();
            },
        });

    /// <summary>In one store: dies at point 1, then at point 2 of what is left, and so on; then a fresh store for each point alone.</summary>
    private static async Task KillEachAsync(Func<Trial, int, Wire?> arm)
    {
        await using var calm = await Trial.StartAsync(rows: Some.Rows(Rows));
        var undisturbed = await calm.RunAsync();
        var staged = await StagedAsync(calm);

        await using var one = await Trial.StartAsync(rows: Some.Rows(Rows));
        for (var n = 1; ; n++)
        {
            if (await DiesAsync(one, n, arm))
                continue;
            await CompareAsync(one, undisturbed, staged);
            break;
        }

        for (var n = 1; ; n++)
        {
            await using var trial = await Trial.StartAsync(rows: Some.Rows(Rows));
            var died = await DiesAsync(trial, n, arm);
            trial.Heard.OnEvent = null;
            if (died)
                (await trial.RunAsync()).Outcome.ShouldBeOneOf(RunOutcome.Done, RunOutcome.NothingToDo);
            await CompareAsync(trial, undisturbed, staged);
            if (!died)
                return;
        }
    }

    private static async Task<bool> DiesAsync(Trial trial, int n, Func<Trial, int, Wire?> arm)
    {
        try
        {
            await trial.RunAsync(transport: arm(trial, n), stop: trial.Detach.Token);
            return false;
        }
        catch (Exception end) when (end is KilledException or OperationCanceledException)
        {
            trial.Detach = new CancellationTokenSource();
            return true;
        }
    }

    private static async Task CompareAsync(Trial trial, RunEnd undisturbed, List<string> staged)
    {
        await trial.BooksShouldBalanceAsync();
        await using var store = trial.Read();
        var run = (await store.RunsAsync()).ShouldHaveSingleItem();
        run.State.ShouldBe(RunState.Done);
        (await store.LedgerAsync(run.Id)).ShouldBe(undisturbed.Ledger);
        (await StagedAsync(trial)).ShouldBe(staged);
        (await store.UsageAsync(run.Id)).Sum(usage => usage.OutputTokens).ShouldBe(trial.Api.Truth.OutputTokens);
    }

    private static async Task<List<string>> StagedAsync(Trial trial)
    {
        await using var store = trial.Read();
        var rows = new List<string>();
        await foreach (var row in store.StagedAsync((await store.RunsAsync())[^1].Id))
            rows.Add($"{row.Key} {row.Attempt} {System.Text.Encoding.UTF8.GetString(row.Output.Span)}");
        return rows;
    }
}
