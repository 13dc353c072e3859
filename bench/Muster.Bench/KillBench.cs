using System.Globalization;

namespace Muster.Bench;

/// <summary>
/// Real kills: starts the executable against the simulator with faults on, kills it at drawn instants and at every point that it tells
/// of, starts it again until it is done, and compares the promoted table and the remote's bill with those of an undisturbed run.
/// </summary>
internal static class KillBench
{
    private const int KillsInOneRun = 60;
    private const int FirstPort = 18_420;

    /// <summary>So many kills have hit each point several times; fewer may miss a rare one without a fault.</summary>
    private const int KillsForEveryPoint = 1_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var (kills, rows, seed, lanes) = (Value(arguments, "--kills", 1_000), Value(arguments, "--rows", 20_000), Value(arguments, "--seed", 4_711), Value(arguments, "--lanes", 3));
        var began = TimeProvider.System.GetTimestamp();
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.OSVersion}, .NET {Environment.Version}; seed {seed}, {lanes} runs side by side");
        var tally = new PointTally();
        var calm = await new KillRun(0, rows, seed, FirstPort, tally).RunAsync(0, () => { });
        Console.WriteLine($"undisturbed: {calm.Table}, {calm.Truth.Batches} batches, {calm.Took.TotalSeconds:F0} s{Faults(calm)}");
        if (calm.Faults.Count > 0)
            return 1;

        var (done, next, gate, runs) = (0, 0, new Lock(), new List<KilledRun>());
        async Task LaneAsync(int lane)
        {
            while (true)
            {
                int number;
                lock (gate)
                {
                    if (done >= kills)
                        return;
                    number = ++next;
                }

                var run = await new KillRun(number, rows, seed, FirstPort + 1 + lane, tally).RunAsync(KillsInOneRun, () => Interlocked.Increment(ref done));
                lock (gate)
                {
                    runs.Add(run);
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"run {run.Number}: {run.Kills.Count} kills, {run.Truth.Batches} batches, {run.Took.TotalSeconds:F0} s, table {(run.Table == calm.Table ? "identical" : $"DIFFERS: {run.Table}")}, {done} kills in all{Faults(run)}"));
                    foreach (var stop in run.Stops)
                        Console.WriteLine($"  {stop}");
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, lanes).Select(LaneAsync));
        return Print(calm, runs, rows, mustHitAll: kills >= KillsForEveryPoint || arguments.Contains("--every-point"), TimeProvider.System.GetElapsedTime(began));
    }

    private static int Print(KilledRun calm, List<KilledRun> runs, int rows, bool mustHitAll, TimeSpan took)
    {
        var all = runs.SelectMany(run => run.Kills).ToList();
        Console.WriteLine();
        Console.WriteLine("| where the kill hit, by the store | kills |\n| --- | --- |");
        foreach (var standing in all.GroupBy(kill => kill.Standing).OrderBy(group => group.Key, StringComparer.Ordinal))
            Console.WriteLine($"| {standing.Key} | {standing.Count()} |");
        Console.WriteLine();
        Console.WriteLine("| killed at the point | kills |\n| --- | --- |");
        foreach (var point in KillMoment.Points)
            Console.WriteLine($"| `{point}` | {all.Count(kill => kill.Point == point)} |");
        Console.WriteLine($"| a drawn instant | {all.Count(kill => kill.Point is null)} |");
        Console.WriteLine();
        var truth = runs.Aggregate(new RemoteTruth(0, 0, 0, 0, 0), (sum, run) => sum + run.Truth);
        var same = runs.Count(run => run.Table == calm.Table);
        var faults = runs.Sum(run => run.Faults.Count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"""
            {all.Count} kills over {runs.Count} runs of {rows} rows in {took.TotalSeconds:F0} s
            tables identical to the undisturbed run's: {same} of {runs.Count}
            requests taken by the remote, another program's with them, {truth.Requests} ÷ distinct (row, attempt) pairs {truth.Pairs} = {(double)truth.Requests / truth.Pairs:F3}{(truth.Requests == truth.Pairs ? " exactly" : "")}
            rows billed by the remote {truth.Billed} ÷ pairs with an answer in the books {runs.Sum(run => run.Booked)} = {(double)truth.Billed / runs.Sum(run => run.Booked):F3}{(truth.Billed == runs.Sum(run => run.Booked) ? " exactly" : "")}
            pairs accepted more than once: {truth.PairsMoreThanOnce}; runs with a fault: {runs.Count(run => run.Faults.Count > 0)}
            """));
        var missed = KillMoment.Points.Where(point => !all.Exists(kill => kill.Point == point)).ToList();
        Console.WriteLine(missed.Count == 0 ? "no kill is missing at a point"
            : $"points without a kill: {string.Join(", ", missed)}{(mustHitAll ? "; FAULT" : $"; a fault from {KillsForEveryPoint:N0} kills on, or with --every-point")}");
        if (missed.Count > 0 && mustHitAll)
            return 1;
        return same == runs.Count && faults == 0 && truth.Requests == truth.Pairs ? 0 : 1;
    }

    private static string Faults(KilledRun run) => run.Faults.Count == 0 ? "" : "; FAULT: " + string.Join("; ", run.Faults);

    private static int Value(string[] arguments, string name, int otherwise)
    {
        var at = Array.IndexOf(arguments, name);
        return at < 0 ? otherwise : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
    }
}
