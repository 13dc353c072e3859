using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Muster.Bench;

/// <summary>The whole path, run and promotion, simulator in another process, at several sizes: is memory flat, is time linear?</summary>
internal static class PathBench
{
    private static readonly string Cli = typeof(Muster.Cli.Terminal).Assembly.Location;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int[] sizes = arguments.Length == 0 ? [60_000, 600_000] : arguments.Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}");
        Console.WriteLine($"{"rows",9} {"step",-8} {"wall s",8} {"cpu s",8} {"peak MB",8} {"rows/s",8} {"µs/row",7}  store MB  archives MB  target MB");
        var taken = new List<Taken>();
        foreach (var rows in sizes)
        {
            var folder = BenchJob.Write(rows);
            try
            {
                AddTarget(folder);
                using var simulator = await SimulatorProcess.StartAsync();
                var environment = new Dictionary<string, string>
                {
                    ["ANTHROPIC_BASE_URL"] = simulator.BaseUrl, ["ANTHROPIC_API_KEY"] = "sk-sim", ["MUSTER_POLL_INTERVAL"] = "0.1",
                };
                var run = await StepAsync("run", rows, folder, ["run", "bench.job.yaml", "--json"], environment);
                var promotion = await StepAsync("promote", rows, folder, ["promote", "bench.job.yaml", "--yes", "--json"], environment);
                if (run.ExitCode != 0 || promotion.ExitCode != 0)
                    return 1;
                taken.Add(new Taken(rows, run, promotion));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        if (taken.Count > 1)
            Compare(taken[0], taken[^1]);
        return 0;
    }

    private static async Task<Measured> StepAsync(
        string step, int rows, string folder, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var measured = await Measured.RunAsync([Cli, .. arguments], folder, environment);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rows,9} {step,-8} {measured.Wall.TotalSeconds,8:F1} {measured.Processor.TotalSeconds,8:F1} {measured.PeakKilobytes / 1024.0,8:F0} {rows / measured.Wall.TotalSeconds,8:F0} {measured.Wall.TotalMicroseconds / rows,7:F1}  {Megabytes(folder, "muster.db*"),8:F0}  {Megabytes(folder, "*.gz"),11:F0}  {Megabytes(folder, "shop.db*"),9:F0}"));
        return measured;
    }

    private static void Compare(Taken small, Taken large)
    {
        foreach (var (step, one, other) in new[] { ("run", small.Run, large.Run), ("promote", small.Promotion, large.Promotion) })
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step}: peak memory at {large.Rows} rows / at {small.Rows}: {(double)other.PeakKilobytes / one.PeakKilobytes:F2}; time per row: {other.Wall / large.Rows / (one.Wall / small.Rows):F2}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"both: peak memory {Peak(large):F0} MB / {Peak(small):F0} MB = {Peak(large) / Peak(small):F2}; {(large.Run.Wall + large.Promotion.Wall).TotalSeconds:F1} s at {large.Rows} rows"));
    }

    private static double Peak(Taken taken) => Math.Max(taken.Run.PeakKilobytes, taken.Promotion.PeakKilobytes) / 1024.0;

    private static void AddTarget(string folder)
    {
        File.AppendAllText(Path.Combine(folder, "bench.job.yaml"),
            "\ntarget: { sqlite: shop.db, table: products, key: sku, columns: { category: /category, features: /features, summary: /summary } }\n");
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "shop.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "create table products (sku text primary key, category text, features text, summary text)";
        command.ExecuteNonQuery();
    }

    private static double Megabytes(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1e6;

    private sealed record Taken(int Rows, Measured Run, Measured Promotion);
}
