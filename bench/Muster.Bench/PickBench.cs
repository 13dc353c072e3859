using System.Globalization;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Sources;

namespace Muster.Bench;

/// <summary>
/// Time and memory of picking a pilot's 100 rows, each size in a process of its own: from a file, or from a made-up catalog. One size
/// after <c>--one</c> is such a process.
/// </summary>
internal static class PickBench
{
    private const int PickedRows = 100;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--one", var size, .. var given])
            return await PickAsync(int.Parse(size, CultureInfo.InvariantCulture), given);
        var sizes = args.Where(arg => int.TryParse(arg, CultureInfo.InvariantCulture, out _)).ToList();
        var file = args.Except(sizes).ToList();
        if (sizes.Count == 0)
            sizes = ["60000", "600000"];
        foreach (var rows in sizes)
        {
            var child = await Measured.RunAsync([typeof(PickBench).Assembly.Location, "pick", "--one", rows, .. file], Environment.CurrentDirectory, new Dictionary<string, string>());
            if (child.ExitCode != 0)
                return child.ExitCode;
            Console.Write($"{child.Output}  peak {child.PeakKilobytes / 1024} MB resident, {child.Processor.TotalSeconds:F1} s of processor in the whole process\n");
        }

        return 0;
    }

    private static async Task<int> PickAsync(int rows, string[] file)
    {
        var spec = file is [var path, var keyColumn, _]
            ? new SourceSpec(path.Contains(".tsv", StringComparison.Ordinal) ? SourceFormat.Tsv : SourceFormat.Csv, [path], new KeySpec([keyColumn]))
            : new SourceSpec(SourceFormat.Csv, [Path.Combine(BenchJob.Write(rows), "products.csv")], new KeySpec(["sku"]));
        var column = file is [_, _, var named] ? named : "name";
        await using var source = new FirstRows(await Source.OpenAsync(spec), rows);
        var started = TimeProvider.System.GetTimestamp();
        var hard = await HardRowPicker.PickAsync(
            source, new PromptSpec(null, "{{" + column + "}}", new Dictionary<string, string>()), spec.Key, new HardRowOptions(PickedRows, Seed: 1));
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        Console.WriteLine($"{hard.Records} records, {hard.Rows.Count} picked in {elapsed.TotalSeconds:F2} s, {hard.Records / elapsed.TotalSeconds:F0} rows per second");
        foreach (var share in hard.Mix)
            Console.WriteLine($"  {Strata.All[(int)share.Stratum].Word,-15} wanted {share.Wanted,3}  found {share.Found,3}  in the source {share.Seen,7}  {share.Why}");
        return 0;
    }

    private sealed class FirstRows(ISource source, int rows) : ISource
    {
        public IReadOnlyList<string> Columns => source.Columns;

        public ValueTask DisposeAsync() => source.DisposeAsync();

        public IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, CancellationToken cancellationToken = default) =>
            source.ReadAsync(skip, cancellationToken).Take(rows);
    }
}
