using System.Globalization;
using Muster.Jobs;
using Muster.Requests;
using Muster.Sources;

namespace Muster.Pilots;

/// <summary>
/// Picks the rows of a pilot in one pass over the source: it holds a bounded number of candidates for each stratum and forgets the rest.
/// A record with a fault, or of which no message can be made, is never picked.
/// </summary>
internal sealed class HardRowPicker
{
    private const int ExcerptChars = 60;

    private readonly PromptTemplates prompt;
    private readonly IReadOnlyList<string> columns;
    private readonly HardRowOptions options;
    private readonly IReadOnlyList<int> used;
    private readonly RowInput input;
    private readonly RowText text;
    private readonly IReadOnlyDictionary<Stratum, BestRows> pools;
    private readonly ScriptPools scripts;
    private readonly LanguagePool languages;
    private readonly NearDuplicates duplicates = new();
    private readonly IReadOnlyList<(int Column, CategoryCounts Counts)> categories;
    private long records;
    private long askable;

    private HardRowPicker(PromptTemplates prompt, IReadOnlyList<string> columns, KeySpec key, HardRowOptions options)
    {
        (this.prompt, this.columns, this.options) = (prompt, columns, options);
        used = [.. prompt.User.Columns.Concat(prompt.System?.Columns ?? []).Distinct().Order()];
        input = new RowInput([.. columns.Select(_ => true)]);
        text = new RowText(used);
        pools = Strata.All.ToDictionary(rule => rule.Stratum, _ => new BestRows(options.Rows));
        scripts = new ScriptPools(options.Rows);
        languages = new LanguagePool(options.Rows);
        categories = [.. columns.Index().Where(c => key.FromContent || !key.Columns.Contains(c.Item)).Take(MaxCategoryColumns)
            .Select(c => (c.Index, new CategoryCounts(c.Item)))];
    }

    // Each may hold 4,096 values with a row each.
    private const int MaxCategoryColumns = 32;

    /// <exception cref="TemplateException">The prompt names what the source lacks.</exception>
    /// <exception cref="SourceException">The source breaks off.</exception>
    public static async Task<HardRows> PickAsync(
        ISource source, PromptSpec prompt, KeySpec key, HardRowOptions options, CancellationToken cancellationToken = default)
    {
        var picker = new HardRowPicker(PromptTemplates.Compile(prompt, source.Columns), source.Columns, key, options);
        await foreach (var row in source.ReadAsync(cancellationToken: cancellationToken))
            picker.Add(row);
        return picker.Finish();
    }

    private void Add(SourceRow row)
    {
        var record = records++;
        if (row.Fault is not null || input.Read(row.Input) is not null || prompt.User.IsBlank(input))
            return;
        askable++;
        text.Read(input);

        Offer(Stratum.Random, 0, row, record, "drawn");
        if (text.Odd is { } odd)
            Offer(Stratum.Control, 0, row, record, $"has U+{odd.Value:X4}");
        if (text.BlankColumns > 0)
            Offer(Stratum.Empty, text.BlankColumns, row, record, BlankNames());
        if (text.BlankColumns < used.Count)
            OfferByText(row, record);
        foreach (var (column, counts) in categories)
            counts.Add(input, input[column], Tie(Stratum.RareCategory, record), detail => Candidate(row, record, detail));
        languages.Add(text, Tie(Stratum.Language, record), () => new Candidate(record, row.Key!, row.Line, Excerpted(), LanguagePool.Kept(text.Folded)));
    }

    private void OfferByText(SourceRow row, long record)
    {
        if (text.AllLetters == 0)
            Offer(Stratum.NoLetters, 0, row, record, "no letter");
        if (TextSigns.Markup(text.Folded) is { } markup)
            Offer(Stratum.Markup, 0, row, record, markup);
        if (TextSigns.Joke(text.Folded) is { } joke)
            Offer(Stratum.Joke, joke.Weight, row, record, joke.Why);
        scripts.Add(text, Tie(Stratum.Script, record), detail => Candidate(row, record, detail));
        if (duplicates.Add(text.Folded, row.Key!) is { } twin && twin.Key != row.Key)
            Offer(Stratum.NearDuplicate, 0, row, record, $"{twin.Similarity * 100:F0} % like {Excerpt.Of(twin.Key, ExcerptChars)}", twin.Key);
        var length = $"{Amount.Of(text.Characters, "character")}";
        Offer(Stratum.Shortest, -text.Characters, row, record, length);
        Offer(Stratum.Longest, text.Characters, row, record, length);
    }

    private void Offer(Stratum stratum, double rank, SourceRow row, long record, string detail, string? twin = null)
    {
        var pool = pools[stratum];
        var tie = Tie(stratum, record);
        if (pool.Admits(rank, tie))
            pool.Add(rank, tie, Candidate(row, record, detail) with { Text = twin });
    }

    private Candidate Candidate(SourceRow row, long record, string detail) => new(record, row.Key!, row.Line, $"{detail}: {Excerpted()}");

    private string Excerpted() => Excerpt.Quoted(text.Text[..Math.Min(text.Text.Length, ExcerptChars * 2)].ToString(), ExcerptChars);

    private string BlankNames()
    {
        var blank = used.Where(column => input[column].IsBlank).Select(column => columns[column]).ToList();
        return $"{blank.Count} of {used.Count} prompt {Amount.Noun(used.Count, "column")} empty ({Excerpt.List(blank)})";
    }

    private ulong Tie(Stratum stratum, long record) => SeededOrder.Place(options.Seed, (ulong)stratum, record);

    private HardRows Finish()
    {
        var quotas = Strata.Quotas(options.Rows);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var picked = new List<HardRow>();
        var mix = new List<StratumShare>();
        foreach (var rule in Strata.All)
        {
            var (candidates, seen) = CandidatesOf(rule.Stratum);
            var before = picked.Count;
            Take(rule.Stratum, candidates, quotas[(int)rule.Stratum], taken, picked);
            mix.Add(new StratumShare(rule.Stratum, quotas[(int)rule.Stratum], picked.Count - before, seen, rule.Meaning));
        }

        var found = picked.Count;
        Take(Stratum.Random, CandidatesOf(Stratum.Random).Rows, options.Rows - found, taken, picked);
        mix[0] = mix[0] with { Found = mix[0].Found + picked.Count - found };
        return new HardRows([.. picked.OrderBy(row => row.Stratum == Stratum.Random).ThenBy(row => row.Stratum)], mix, options.Seed, records, askable);
    }

    private (IEnumerable<Candidate> Rows, long Seen) CandidatesOf(Stratum stratum) => stratum switch
    {
        Stratum.Script => scripts.Other(askable),
        Stratum.Language => languages.Other(),
        Stratum.RareCategory => Rare(),
        _ => (pools[stratum].BestFirst().Select(ranked => ranked.Row), pools[stratum].Seen),
    };

    private (IEnumerable<Candidate> Rows, long Seen) Rare()
    {
        var rare = categories.SelectMany(category => category.Counts.Rare()).OrderBy(value => value.Rows).ThenBy(value => value.Tie).ToList();
        return (rare.Select(value => value.Row with { Detail = $"one of {value.Rows.ToString(CultureInfo.InvariantCulture)} whose {value.Row.Detail}" }),
            rare.Sum(value => value.Rows));
    }

    private static void Take(Stratum stratum, IEnumerable<Candidate> candidates, int quota, HashSet<string> taken, List<HardRow> picked)
    {
        foreach (var row in candidates)
        {
            if (quota == 0)
                return;
            if (!taken.Add(row.Key))
                continue;
            picked.Add(new HardRow(row.Key, row.Line, row.Record, stratum, row.Detail, stratum == Stratum.NearDuplicate ? row.Text : null));
            quota--;
        }
    }
}
