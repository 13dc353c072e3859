using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Sources;
using Muster.Tests.Sources;

namespace Muster.Tests.Pilots;

/// <summary>The 600,000 rows of the real catalog: strata that its first 20,000 rows lack are picked from it, and counted as a plain look at the file counts them.</summary>
public sealed partial class WholeCatalogPickTests
{
    [Fact]
    public async Task Strata_with_a_few_rows_among_600_000_are_found_and_counted()
    {
        var path = Folder.Shared("products/products-uhtt-600k.tsv.gz");
        var spec = new SourceSpec(SourceFormat.Tsv, [path], new KeySpec(["ID"]));
        await using var source = await Source.OpenAsync(spec, TestContext.Current.CancellationToken);
        var hard = await HardRowPicker.PickAsync(source, new PromptSpec(null, "{{Name}}", new Dictionary<string, string>()), spec.Key, new HardRowOptions(100, 1), TestContext.Current.CancellationToken);
        var plain = Plain.Of(path);

        hard.Records.ShouldBe(plain.Rows);
        (plain.Rows, plain.NoLetters.Count, plain.Control.Count, plain.Markup.Count).ShouldBe((600_000L, 16, 4, 164), "what the file is known to hold");
        foreach (var (stratum, fitting) in new Dictionary<Stratum, Dictionary<long, string>>
        {
            [Stratum.NoLetters] = plain.NoLetters, [Stratum.Control] = plain.Control, [Stratum.Markup] = plain.Markup,
        })
        {
            var share = hard.Mix.Single(one => one.Stratum == stratum);
            TestContext.Current.TestOutputHelper!.WriteLine($"{stratum}: wanted {share.Wanted}, found {share.Found}, seen {share.Seen}");
            share.Seen.ShouldBe(fitting.Count, $"{stratum}");
            share.Found.ShouldBe(Math.Min(share.Wanted, fitting.Count), $"{stratum}");
            hard.Rows.Where(row => row.Stratum == stratum).ShouldAllBe(row => fitting.ContainsKey(row.Record) && fitting[row.Record] == row.Key);
        }

        // Here a row is judged by words among words, so the plain look finds more.
        var jokes = hard.Rows.Where(row => row.Stratum == Stratum.Joke).ToList();
        jokes.Count.ShouldBe(5);
        jokes.ShouldAllBe(row => plain.Jokes.ContainsKey(row.Record) && plain.Jokes[row.Record] == row.Key);
        hard.Mix.Single(share => share.Stratum == Stratum.Joke).Seen.ShouldBeInRange(5, plain.Jokes.Count);
        (plain.Scripts.Count, hard.Mix.Single(share => share.Stratum == Stratum.Script).Seen).ShouldBe((0, 0L), "no name has a letter that is neither Latin nor Cyrillic");
    }

    /// <summary>Records of the file by what their name shows, with their keys; read as lines, without a source or a picker.</summary>
    private sealed record Plain(long Rows)
    {
        public Dictionary<long, string> NoLetters { get; } = [];

        public Dictionary<long, string> Control { get; } = [];

        public Dictionary<long, string> Markup { get; } = [];

        public Dictionary<long, string> Jokes { get; } = [];

        /// <summary>With a letter that is neither Latin nor Cyrillic.</summary>
        public Dictionary<long, string> Scripts { get; } = [];

        public static Plain Of(string path)
        {
            var plain = new Plain(0);
            using var lines = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
            lines.ReadLine();
            while (lines.ReadLine() is { } line)
            {
                plain.Add(line.Split('\t', 4));
                plain = plain with { Rows = plain.Rows + 1 };
            }

            return plain;
        }

        private void Add(string[] fields)
        {
            var (key, name) = (fields[0], fields[2]);
            var (hasLetter, isOdd, isOther) = (false, false, false);
            foreach (var rune in name.EnumerateRunes())
            {
                hasLetter |= Rune.IsLetter(rune);
                isOdd |= rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
                    or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
                isOther |= Rune.IsLetter(rune) && rune.Value is >= 0x2B9 and not (>= 0x400 and < 0x530) and not (>= 0x1E00 and < 0x1F00);
            }

            if (!hasLetter && !string.IsNullOrWhiteSpace(name))
                NoLetters.Add(Rows, key);
            if (isOdd)
                Control.Add(Rows, key);
            if (isOther)
                Scripts.Add(Rows, key);
            if (MarkupSigns().IsMatch(name))
                Markup.Add(Rows, key);
            if (name.Length > 0 && RealPickTests.Joke().IsMatch(name))
                Jokes.Add(Rows, key);
        }
    }

    [GeneratedRegex(@"</?[a-z][^>]*>|<!--|&(#\w+|[a-z]\w+);|\{\{|\]\(|://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex MarkupSigns();
}
