using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Sources;
using Muster.Tests.Requests;
using Muster.Tests.Sources;

namespace Muster.Tests.Pilots;

/// <summary>Both real data sets: every picked row is what its stratum says, by a second way of telling.</summary>
public sealed partial class RealPickTests
{
    [Fact]
    public async Task Every_row_picked_from_the_catalog_is_what_its_stratum_says()
    {
        var spec = new SourceSpec(SourceFormat.Tsv, [Folder.Shared("products/products-uhtt-20k.tsv")], new KeySpec(["ID"]));
        var hard = await CheckAsync(spec, "Name", ["CategoryID", "CategoryName", "BrandID", "BrandName", "UPCEAN"]);

        hard.Mix.Single(share => share.Stratum == Stratum.RareCategory).Found.ShouldBe(8);
        hard.Mix.Single(share => share.Stratum == Stratum.NearDuplicate).Found.ShouldBe(8);
        hard.Mix.Single(share => share.Stratum == Stratum.Language).Found.ShouldBe(7);
        hard.Mix.Single(share => share.Stratum == Stratum.Markup).Found.ShouldBeGreaterThan(0);
        hard.Mix.Single(share => share.Stratum == Stratum.NoLetters).Seen.ShouldBe(0, "the first 20,000 have none; the whole catalog has 16");
    }

    [Fact]
    public async Task Every_row_picked_from_the_messages_is_what_its_stratum_says()
    {
        var spec = new SourceSpec(SourceFormat.Csv, [Folder.Shared("messages/train.csv"), Folder.Shared("messages/test.csv")], new KeySpec(["text"], FromContent: true));
        var hard = await CheckAsync(spec, "text", ["category"]);

        hard.Mix.Single(share => share.Stratum == Stratum.Script).Found.ShouldBe(0, "all messages are Latin");
        hard.Mix.Single(share => share.Stratum == Stratum.RareCategory).Found.ShouldBeGreaterThan(0);
        hard.Mix.Single(share => share.Stratum == Stratum.Shortest).Found.ShouldBe(7);
    }

    [Fact]
    public async Task The_sample_s_prompt_has_rows_without_a_brand_in_its_stratum_of_empty_columns()
    {
        var job = JobFile.Load(Path.Combine(RealData.Root(), "samples", "catalog", "catalog.job.yaml"), new JobOverrides(Folder.Shared("products/products-uhtt-20k.tsv")));
        await using var source = await Source.OpenAsync(job.Source, TestContext.Current.CancellationToken);
        var hard = await HardRowPicker.PickAsync(source, job.Prompt, job.Source.Key, new HardRowOptions(100, 1), TestContext.Current.CancellationToken);
        var brands = File.ReadLines(job.Source.Paths[0]).Skip(1).Select(line => line.Split('\t')[6]).ToList();

        var share = hard.Mix.Single(one => one.Stratum == Stratum.Empty);
        (share.Found, share.Seen).ShouldBe((5, brands.Count(string.IsNullOrWhiteSpace)));
        hard.Rows.Where(row => row.Stratum == Stratum.Empty).ShouldAllBe(row => brands[(int)row.Record].Trim() == "" && row.Why.Contains("BrandName", StringComparison.Ordinal));
    }

    /// <summary>Strings that break programs, among real messages: what neither real source has is in them.</summary>
    [Fact]
    public async Task Every_row_picked_from_messages_with_hostile_strings_among_them_is_what_its_stratum_says()
    {
        using var folder = new Folder();
        var hostile = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Folder.Shared("hostile/blns.json")))!;
        var messages = await Folder.ReadAsync(new SourceSpec(SourceFormat.Csv, [Folder.Shared("messages/test.csv")], new KeySpec(["text"], FromContent: true)), ReadLimits.Default);
        var texts = messages.Select(row => Folder.Texts(row)[0]!).Concat(hostile).Distinct();
        var path = folder.Write("rows.jsonl", string.Concat(texts.Select((text, i) => JsonSerializer.Serialize(new { id = $"k{i}", text, of = i % 3 == 0 ? "a" : "b" }) + "\n")));
        var hard = await CheckAsync(new SourceSpec(SourceFormat.Jsonl, [path], new KeySpec(["id"])), "text", ["of"]);

        foreach (var stratum in (Stratum[])[Stratum.Control, Stratum.NoLetters, Stratum.Markup, Stratum.Joke])
            hard.Mix.Single(share => share.Stratum == stratum).Found.ShouldBe(5, $"{stratum}");
        hard.Mix.Single(share => share.Stratum == Stratum.Script).Found.ShouldBe(8);
    }

    private sealed record Known(string Key, string Text, string?[] Values);

    private static async Task<HardRows> CheckAsync(SourceSpec spec, string column, IReadOnlyList<string> categories)
    {
        await using var source = await Source.OpenAsync(spec, TestContext.Current.CancellationToken);
        var hard = await HardRowPicker.PickAsync(source, new PromptSpec("Sort it.", $"Text: {{{{{column}}}}}", new Dictionary<string, string>()), spec.Key, new HardRowOptions(100, 1));
        var at = source.Columns.ToList().IndexOf(column);
        var rows = (await Folder.ReadAsync(spec, ReadLimits.Default)).Select(row => (row.Key, Values: Folder.Texts(row))).Select(row => new Known(row.Key!, row.Values[at] ?? "", row.Values)).ToList();

        hard.Rows.Count.ShouldBe(100);
        hard.Rows.Select(row => row.Key).Distinct().Count().ShouldBe(100);
        hard.Records.ShouldBe(rows.Count);
        foreach (var row in hard.Rows)
            TestContext.Current.TestOutputHelper!.WriteLine($"{row.Stratum,-14} {row.Key,-28} {row.Why}");
        foreach (var share in hard.Mix)
            TestContext.Current.TestOutputHelper!.WriteLine($"{share.Stratum,-14} wanted {share.Wanted} found {share.Found} seen {share.Seen}");

        var checks = new Checks(rows, hard, [.. categories.Select(name => source.Columns.ToList().IndexOf(name))]);
        foreach (var row in hard.Rows)
        {
            rows[(int)row.Record].Key.ShouldBe(row.Key);
            checks.Holds(row).ShouldBeTrue($"{row.Stratum}: {row.Why}");
        }

        hard.Rows.Where(row => row.Stratum == Stratum.NearDuplicate).Select(checks.Likeness).DefaultIfEmpty(1).Average().ShouldBeGreaterThanOrEqualTo(0.8);
        return hard;
    }

    private sealed class Checks(List<Known> rows, HardRows hard, IReadOnlyList<int> categories)
    {
        private readonly HashSet<string> picked = [.. hard.Rows.Select(row => row.Key)];
        private readonly Lazy<Dictionary<(char, char), double>> bits = new(() => Bits(rows));

        public bool Holds(HardRow row)
        {
            var known = rows[(int)row.Record];
            var text = known.Text;
            return row.Stratum switch
            {
                Stratum.Random => true,
                Stratum.Control => Odd().IsMatch(text),
                Stratum.Empty => string.IsNullOrWhiteSpace(text),
                Stratum.NoLetters => !text.EnumerateRunes().Any(Rune.IsLetter) && !string.IsNullOrWhiteSpace(text),
                Stratum.Markup => Markup().IsMatch(text),
                Stratum.Joke => Joke().IsMatch(text),
                Stratum.Script => Script(text),
                Stratum.Language => Cost(text) > Quantile(0.98),
                Stratum.NearDuplicate => Likeness(row) >= 0.8 - LikenessError,
                Stratum.RareCategory => categories.Any(column => IsRare(column, known.Values[column])),
                Stratum.Shortest => rows.Where(other => !picked.Contains(other.Key)).All(other => Length(other.Text) >= Length(text)),
                Stratum.Longest => rows.Where(other => !picked.Contains(other.Key)).All(other => Length(other.Text) <= Length(text)),
                _ => false,
            };
        }

        private bool Script(string text) => OtherScripts().Matches(text).Any(match =>
            rows.Count(row => row.Text.Any(c => char.IsLetter(c) && UnicodeBlock(c) == UnicodeBlock(match.Value[0]))) < rows.Count * 0.05);

        private bool IsRare(int column, string? value)
        {
            var filled = rows.Where(row => !string.IsNullOrWhiteSpace(row.Values[column])).ToList();
            var even = (double)filled.Count / filled.Select(row => row.Values[column]).Distinct().Count();
            return even >= 5 && filled.Count(row => row.Values[column] == value) <= even / 2;
        }

        private double Quantile(double share)
        {
            var costs = rows.Select(row => Cost(row.Text)).OfType<double>().Order().ToList();
            return costs[(int)(share * (costs.Count - 1))];
        }

        private double? Cost(string text)
        {
            var pairs = Pairs(text).ToList();
            return pairs.Count < PairModel.MinPairs ? null : pairs.Average(pair => bits.Value[pair]);
        }

        private static Dictionary<(char, char), double> Bits(List<Known> rows)
        {
            var pairs = rows.SelectMany(row => Pairs(row.Text)).CountBy(pair => pair).ToDictionary();
            var firsts = pairs.GroupBy(pair => pair.Key.Item1).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Value));
            return pairs.ToDictionary(pair => pair.Key, pair => -Math.Log2((double)pair.Value / firsts[pair.Key.Item1]));
        }

        private static IEnumerable<(char, char)> Pairs(string text)
        {
            var lower = text.ToLowerInvariant();
            return lower.Zip(lower.Skip(1)).Where(pair => char.IsLetter(pair.First) && char.IsLetter(pair.Second)).Select(pair => (pair.First, pair.Second));
        }

        /// <summary>Two standard errors of what is estimated from 64 pieces.</summary>
        private const double LikenessError = 0.1;

        public double Likeness(HardRow row) => Similarity(rows[(int)row.Record].Text, rows.First(other => other.Key == row.Twin).Text);

        private static double Similarity(string a, string b)
        {
            var (first, second) = (Pieces(a), Pieces(b));
            return (double)first.Intersect(second).Count() / first.Union(second).Count();
        }

        private static HashSet<string> Pieces(string text) =>
            [.. Enumerable.Range(0, Math.Max(0, text.Length - 2)).Select(i => text.ToLowerInvariant().Substring(i, 3))];

        private static int Length(string text) => text.EnumerateRunes().Count();

        private static int UnicodeBlock(char c) => c switch
        {
            < '\u0370' or (>= '\u1E00' and < '\u1F00') => 0,
            < '\u0400' => 1,
            < '\u0530' => 2,
            _ => c >> 8,
        };
    }

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\uFFFD-[\t\r\n]]")]
    private static partial Regex Odd();

    [GeneratedRegex(@"</?[a-z][^>]*>|<!--|&(#\w+|[a-z]\w+);|\{\{|\]\(|://", RegexOptions.IgnoreCase)]
    private static partial Regex Markup();

    [GeneratedRegex(@"do not (delete|use|buy)|lorem ipsum|не (удалять|использовать|заказывать)|\b(tests?|testing|tester|тест|тестов\w+|tba|tbd|todo|dummy|placeholder|foo|foobar|bla|blah|lol|haha|xxxx?|null|undefined|nan|fake|joke|шутка|whatever|nothing)\b|^\s*(?<w>\S\S+)(\s+\k<w>)+\s*$|(?<r>[^\d\s])\k<r>{4}|asdf|qwert|zxcv|йцуке|фыва|ячсм", RegexOptions.IgnoreCase)]
    internal static partial Regex Joke();

    [GeneratedRegex(@"\p{L}")]
    private static partial Regex OtherScripts();
}
