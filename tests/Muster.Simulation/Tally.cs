using System.Diagnostics;

namespace Muster.Simulation;

/// <summary>What many seeds came to.</summary>
internal sealed class Tally
{
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly SortedDictionary<string, (long Seeds, long Hits)> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Fault, string Check), long> both = [];
    private long steps;
    private ulong traces;
    private TimeSpan virtualTime;

    public long Seeds { get; private set; }

    public List<Outcome> Failures { get; } = [];

    public void Add(Outcome outcome)
    {
        Seeds++;
        steps += outcome.Steps;
        traces ^= outcome.Trace.Hash;
        virtualTime += outcome.VirtualTime;
        foreach (var (kind, hits) in outcome.Trace.Counts)
        {
            var (inSeeds, before) = counts.GetValueOrDefault(kind);
            counts[kind] = (inSeeds + 1, before + hits);
        }

        foreach (var fault in FaultMatrix.Kinds.Where(outcome.Trace.Counts.ContainsKey))
        {
            foreach (var check in outcome.Trace.Counts.Keys.Where(FaultMatrix.IsCheck))
                both[(fault, check)] = both.GetValueOrDefault((fault, check)) + 1;
        }

        if (outcome.Violation is not null)
            Failures.Add(outcome);
    }

    public long Hits(string kind) => counts.GetValueOrDefault(kind).Hits;

    public IEnumerable<string> Kinds => counts.Keys;

    public long SeedsWith(string kind) => counts.GetValueOrDefault(kind).Seeds;

    /// <summary>Seeds in which the fault came and the checker looked.</summary>
    public long SeedsWith(string fault, string check) => both.GetValueOrDefault((fault, check));

    public string Line() =>
        $"{Seeds} seeds, {Failures.Count} violations, {Hits("process: killed")} kills, {Hits("process: paused")} pauses, {steps} steps, {virtualTime.TotalDays:0.0} virtual days;"
        + $" {watch.Elapsed.TotalSeconds:0} s, {Seeds / watch.Elapsed.TotalSeconds:0} seeds/s";

    /// <summary>Two builds with the same traces took the same steps in every seed.</summary>
    public string Table() =>
        string.Join("\n", counts.Select(count => $"{count.Value.Hits,10} in {count.Value.Seeds,7} seeds  {count.Key}")) + $"\ntraces {traces:x16}\n" + Line();
}
