using Muster.Jobs;
using Muster.Sources;

namespace Muster.Tests.Sources;

public sealed class PickedSourceTests
{
    [Theory]
    [InlineData(0, "p-00001,p-00004,p-00010")]
    [InlineData(1, "p-00004,p-00010")]
    [InlineData(2, "p-00010")]
    [InlineData(3, "")]
    [InlineData(9, "")]
    public async Task It_yields_the_picked_records_and_skips_among_them(int skip, string keys)
    {
        var job = Some.Job(Some.Folder(), Some.Rows(10));
        await using var source = new PickedSource(await Source.OpenAsync(job.Source), [0, 3, 9]);
        var read = new List<string>();
        await foreach (var row in source.ReadAsync(skip))
            read.Add(row.Key!);

        string.Join(',', read).ShouldBe(keys);
    }
}
