namespace Muster.Tests.Pilots;

/// <summary>What the picker holds when it has seen every row depends on its bounds, not on the number of rows. Beside no other test: what those keep alive would be counted too.</summary>
[CollectionDefinition(nameof(FlatPickTests), DisableParallelization = true)]
[Collection(nameof(FlatPickTests))]
public sealed class FlatPickTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Ten_times_the_rows_keep_no_more_alive()
    {
        // A first pick compiles what every pick uses. More than 32,768 rows fill every table.
        await AliveAsync(1_000);
        var small = await AliveAsync(40_000);
        var large = await AliveAsync(400_000);

        TestContext.Current.TestOutputHelper?.WriteLine($"40,000 rows: {small / 1024} KiB alive; 400,000 rows: {large / 1024} KiB");
        small.ShouldBeGreaterThan(6 * MiB, "the tables of near-duplicates alone have as much: it was measured while they stood");
        // The texts of 360,000 rows are 38 MiB.
        large.ShouldBeLessThan(small + (4 * MiB));
    }

    /// <summary>Live managed bytes when the last row has passed, beyond those before the first.</summary>
    private static async Task<long> AliveAsync(int rows)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        long alive = 0;
        var hard = await new RowList(Rows(rows, () => alive = GC.GetTotalMemory(forceFullCollection: true) - before)).PickAsync();
        hard.Records.ShouldBe(rows);
        return alive;
    }

    private static IEnumerable<string?[]> Rows(int count, Action passed)
    {
        var random = new Random(3);
        for (var i = 0; i < count; i++)
        {
            var words = Enumerable.Range(0, 8).Select(_ => new string([.. Enumerable.Range(0, 6).Select(_ => (char)('a' + random.Next(26)))]));
            yield return [$"k{i}", string.Join(' ', words), $"c{random.Next(500)}"];
        }

        passed();
    }
}
