using Muster.Runs;

namespace Muster.Tests.Runs;

/// <summary>
/// What is alive during a run depends on the limits, not on the number of rows. Beside no other test: what those keep alive would be
/// counted too.
/// </summary>
[CollectionDefinition(nameof(FlatMemoryTests), DisableParallelization = true)]
[Collection(nameof(FlatMemoryTests))]
public sealed class FlatMemoryTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Ten_times_the_rows_keep_no_more_alive()
    {
        // A first run compiles and caches what every run uses.
        await PeakAsync(500);
        var small = await PeakAsync(2_000);
        var large = await PeakAsync(20_000);

        TestContext.Current.TestOutputHelper?.WriteLine($"2,000 rows: {small / 1024} KiB alive at most; 20,000 rows: {large / 1024} KiB");
        // The bodies of 20,000 answers are 12 MiB; the simulator beside us keeps a few dozen bytes a row.
        large.ShouldBeLessThan(small + (4 * MiB));
    }

    /// <summary>Live managed bytes at most during a run, beyond those before it.</summary>
    private static async Task<long> PeakAsync(int rows)
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { BatchRows = 500 } }, rows: Some.Rows(rows));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long peak = 0;
        trial.Heard.OnEvent = e =>
        {
            trial.Heard.Events.Clear();
            if (e.Kind is RunEventKind.RowsRead or RunEventKind.BatchCreated or RunEventKind.BatchArchived or RunEventKind.BatchSettled)
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
        };

        var end = await trial.RunAsync();

        end.Outcome.ShouldBe(RunOutcome.Done, end.Why);
        return peak;
    }
}
