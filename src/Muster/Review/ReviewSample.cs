using Muster.Pilots;

namespace Muster.Review;

/// <summary>Rows that passed, in one stratum.</summary>
internal sealed record PassedCount(string Stratum, long Rows);

/// <param name="Strata">The strata taken together; one but for the smallest, which share a sample when there are more strata than draws.</param>
/// <param name="Passed">Rows that passed in them.</param>
/// <param name="Sampled">Of these, rows to ask a person about: the lowest by <see cref="ReviewSample.Place"/>.</param>
internal sealed record SampleShare(IReadOnlyList<string> Strata, long Passed, long Sampled)
{
    public double InclusionProbability => (double)Sampled / Passed;
}

/// <summary>
/// Which of the rows that passed are looked at too, so that the defect rate of what was promoted is known. Pure: counts in, counts out.
/// </summary>
internal static class ReviewSample
{
    public const double Share = 0.15;

    // Apart from the picks of a pilot under the same seed.
    private const ulong Stream = 0x5AA9;

    /// <summary>
    /// As many draws as make <paramref name="share"/> of the queue beside <paramref name="suspects"/>, at least <paramref name="atLeast"/>, spread
    /// over the strata by size with one at least for each.
    /// </summary>
    public static IReadOnlyList<SampleShare> Plan(IReadOnlyList<PassedCount> passed, long suspects, long atLeast = 0, double share = Share)
    {
        var wanted = Math.Max((long)Math.Ceiling(suspects * share / (1 - share)), atLeast);
        var total = passed.Sum(stratum => stratum.Rows);
        var draws = Math.Min(wanted, total);
        return draws == 0 ? [] : Allocate(Merge([.. passed.Where(stratum => stratum.Rows > 0)], draws), total, draws);
    }

    /// <summary>A row's place in the shuffled order of its stratum.</summary>
    public static ulong Place(ulong seed, long row) => SeededOrder.Place(seed, Stream, row);

    private static List<SampleShare> Merge(IReadOnlyList<PassedCount> passed, long draws)
    {
        var bySize = passed.OrderByDescending(stratum => stratum.Rows).ThenBy(stratum => stratum.Stratum, StringComparer.Ordinal).ToList();
        var alone = bySize.Count <= draws ? bySize.Count : (int)draws - 1;
        var shares = bySize.Take(alone).Select(stratum => new SampleShare([stratum.Stratum], stratum.Rows, 1)).ToList();
        var rest = bySize.Skip(alone).ToList();
        if (rest.Count > 0)
            shares.Add(new SampleShare([.. rest.Select(stratum => stratum.Stratum)], rest.Sum(stratum => stratum.Rows), 1));
        return shares;
    }

    // In proportion, but one each; what rounding leaves over or short goes where it strays least from proportion.
    private static List<SampleShare> Allocate(List<SampleShare> shares, long total, long draws)
    {
        var exact = shares.Select(share => (double)draws * share.Passed / total).ToList();
        var given = exact.Select(value => Math.Max(1, (long)value)).ToArray();
        for (var left = draws - given.Sum(); left > 0; left--)
            given[Enumerable.Range(0, given.Length).Where(i => given[i] < shares[i].Passed).MaxBy(i => exact[i] - given[i])]++;
        for (var over = given.Sum() - draws; over > 0; over--)
            given[Enumerable.Range(0, given.Length).Where(i => given[i] > 1).MaxBy(i => given[i] - exact[i])]--;
        return [.. shares.Select((share, i) => share with { Sampled = given[i] })];
    }
}
