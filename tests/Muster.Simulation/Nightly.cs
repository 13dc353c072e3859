using System.Globalization;

namespace Muster.Simulation;

/// <summary>Runs seeds outside of the tests: one with its whole trace, or many with their figures.</summary>
internal static class Nightly
{
    private const long UsualSeeds = 200_000;

    public static int Run(string[] args)
    {
        var kind = args.Contains("--sqlite") ? StoreKind.Sqlite : StoreKind.Memory;
        if (Number(args, "--seed") is { } seed)
        {
            var one = SeedRun.Run((ulong)seed, kind, echo: true);
            Console.WriteLine(one.Violation is null ? $"seed {seed} holds, trace {one.Trace.Hash:x16}" : one.Report());
            return one.Violation is null ? 0 : 1;
        }

        var tally = Many(Number(args, "--from") ?? 1, Number(args, "--seeds") ?? UsualSeeds, kind, Console.WriteLine);
        Console.WriteLine(tally.Table());
        if (args.SkipWhile(arg => arg != "--matrix").Skip(1).FirstOrDefault() is { } page)
            FaultMatrix.WriteInto(page, tally);
        return tally.Failures.Count == 0 ? 0 : 1;
    }

    /// <summary>As many seeds at once as there are processors; each is one thread's own.</summary>
    public static Tally Many(long first, long count, StoreKind kind, Action<string> tell)
    {
        var tally = new Tally();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var outcome = SeedRun.Run((ulong)seed, kind);
            lock (tally)
            {
                tally.Add(outcome);
                if (outcome.Violation is not null)
                    tell(outcome.Report());
                if (tally.Seeds % 1000 == 0)
                    tell(tally.Line());
            }
        });
        return tally;
    }

    private static long? Number(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length && long.TryParse(args[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
