using System.Globalization;

namespace Muster.Bench;

/// <summary>The whole path of `muster run`, simulator in another process, at several sizes: is memory flat, is time linear?</summary>
internal static class PathBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var sizes = arguments.Length == 0 ? [60_000, 600_000] : arguments.Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
        var cli = typeof(Muster.Cli.Terminal).Assembly.Location;
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}");
        Console.WriteLine($"{"rows",9} {"wall s",8} {"cpu s",8} {"peak MB",8} {"rows/s",8} {"µs/row",7}  store MB  archives MB");
        var results = new List<(int Rows, Measured Run)>();
        foreach (var rows in sizes)
        {
            var folder = BenchJob.Write(rows);
            try
            {
                using var simulator = await SimulatorProcess.StartAsync();
                var run = await Measured.RunAsync([cli, "run", "bench.job.yaml", "--json"], folder, new Dictionary<string, string>
                {
                    ["ANTHROPIC_BASE_URL"] = simulator.BaseUrl, ["ANTHROPIC_API_KEY"] = "sk-sim", ["MUSTER_POLL_INTERVAL"] = "0.1",
                });
                if (run.ExitCode != 0)
                    return run.ExitCode;
                results.Add((rows, run));
                var store = Path.Combine(folder, ".muster");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{rows,9} {run.Wall.TotalSeconds,8:F1} {run.Processor.TotalSeconds,8:F1} {run.PeakKilobytes / 1024.0,8:F0} {rows / run.Wall.TotalSeconds,8:F0} {run.Wall.TotalMicroseconds / rows,7:F1}  {Megabytes(store, "muster.db*"),8:F0}  {Megabytes(store, "*.gz"),11:F0}"));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        if (results.Count > 1)
        {
            var (small, large) = (results[0], results[^1]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"peak memory at {large.Rows} rows / at {small.Rows}: {(double)large.Run.PeakKilobytes / small.Run.PeakKilobytes:F2}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"time per row at {large.Rows} rows / at {small.Rows}: {large.Run.Wall / large.Rows / (small.Run.Wall / small.Rows):F2}"));
        }

        return 0;
    }

    private static double Megabytes(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) / 1e6;
}
