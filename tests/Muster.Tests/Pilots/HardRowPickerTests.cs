using Muster.Pilots;

namespace Muster.Tests.Pilots;

public sealed class HardRowPickerTests
{
    private static readonly string[] Things = ["shoes", "garden hose", "green tea", "mug", "jacket", "lamp", "train set", "olive oil", "paper", "kettle"];
    private static readonly string[] Traits = ["light", "long", "loose", "heavy", "waterproof", "dimmable", "wooden", "pressed", "white", "quiet", "steel"];
    private static readonly string[] Uses = ["the office", "a garden", "children", "travel", "the kitchen", "winter", "hiking"];

    [Theory]
    [InlineData("the \u202Egnorw way round of things", nameof(Stratum.Control))]
    [InlineData("a bell \u0007 rings in this text", nameof(Stratum.Control))]
    [InlineData("bytes were lost h\uFFFDre in this text", nameof(Stratum.Control))]
    [InlineData("", nameof(Stratum.Empty))]
    [InlineData(null, nameof(Stratum.Empty))]
    [InlineData("   ", nameof(Stratum.Empty))]
    [InlineData("920 / 33-7", nameof(Stratum.NoLetters))]
    [InlineData(":]", nameof(Stratum.NoLetters))]
    [InlineData("shoes <b>light</b> for travel", nameof(Stratum.Markup))]
    [InlineData("shoes &amp; socks for travel", nameof(Stratum.Markup))]
    [InlineData("dear {{name}} look at this", nameof(Stratum.Markup))]
    [InlineData("see https://example.com for the shoes", nameof(Stratum.Markup))]
    [InlineData("Tba do not delete or release", nameof(Stratum.Joke))]
    [InlineData("Test item", nameof(Stratum.Joke))]
    [InlineData("lamp lamp lamp lamp", nameof(Stratum.Joke))]
    [InlineData("shoooooooes for the office", nameof(Stratum.Joke))]
    [InlineData("чайник для кухни и сада", nameof(Stratum.Script))]
    [InlineData("shoes for 旅行 and the garden", nameof(Stratum.Script))]
    [InlineData("wszystkie żółte łódki przypłynęły wczoraj", nameof(Stratum.Language))]
    [InlineData("hm", nameof(Stratum.Shortest))]
    public async Task A_row_is_found_among_thousands(string? text, string stratum)
    {
        var texts = Bulk(3_000).ToList<string?>();
        texts.Insert(2_000, text);

        var hard = await RowList.PickAsync(texts);

        hard.Rows.ShouldContain(row => row.Stratum.ToString() == stratum && row.Key == $"k{texts.LastIndexOf(text)}", Told(hard));
        hard.Rows.Count.ShouldBe(100);
        hard.Rows.Select(row => row.Key).Distinct().Count().ShouldBe(100);
    }

    [Fact]
    public async Task The_longest_row_is_found()
    {
        var hard = await RowList.PickAsync([.. Bulk(3_000), string.Join(", ", Bulk(20))]);

        hard.Rows.ShouldContain(row => row.Stratum == Stratum.Longest && row.Key == "k3000");
    }

    [Fact]
    public async Task A_row_that_nearly_repeats_an_earlier_one_names_it()
    {
        var random = new Random(2);
        var texts = Enumerable.Range(0, 3_000).Select(_ => string.Concat(Enumerable.Range(0, 40).Select(_ => (char)('a' + random.Next(26))))).ToList();
        texts[2_000] = texts[100] + " #2";

        var hard = await RowList.PickAsync(texts);

        var row = hard.Rows.Single(row => row.Stratum == Stratum.NearDuplicate);
        (row.Key, row.Twin).ShouldBe(("k2000", "k100"));
    }

    [Fact]
    public async Task A_value_that_few_rows_have_is_found_and_an_even_column_is_left_alone()
    {
        var rows = Bulk(1_000).Select((text, i) => (string?[])[$"k{i}", text, i == 500 ? "rare" : i % 100 == 7 ? "seldom" : $"c{i % 4}", i % 2 == 0 ? "x" : "y"]);
        var hard = await new RowList(rows, ["id", "text", "category", "even"]).PickAsync();

        var rare = hard.Rows.Where(row => row.Stratum == Stratum.RareCategory).ToList();
        rare.Count.ShouldBe(2);
        rare[0].Key.ShouldBe("k500");
        rare[0].Why.ShouldStartWith("one of 1 whose category is \"rare\"");
        rare[1].Why.ShouldStartWith("one of 10 whose category is \"seldom\"");
    }

    [Fact]
    public async Task Rows_that_cannot_be_asked_are_never_picked()
    {
        var rows = Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? [] : (string?[])[$"k{i}", i % 4 == 1 ? "" : "text", "all"]);
        var hard = await new RowList(rows).PickAsync(20, prompt: RowList.Prompt with { User = "{{text}}" });

        hard.Records.ShouldBe(40);
        hard.Askable.ShouldBe(10);
        hard.Rows.Count.ShouldBe(10);
        hard.Rows.ShouldAllBe(row => row.Record % 4 == 3 && row.Key == $"k{row.Record}");
    }

    [Fact]
    public async Task The_same_seed_picks_the_same_rows_and_another_seed_others()
    {
        var texts = Bulk(2_000).ToList();
        var once = await RowList.PickAsync(texts, seed: 7);
        var again = await RowList.PickAsync(texts, seed: 7);
        var other = await RowList.PickAsync(texts, seed: 8);

        again.Rows.ShouldBe(once.Rows);
        again.Mix.ShouldBe(once.Mix);
        other.Rows.Select(row => row.Key).Intersect(once.Rows.Select(row => row.Key)).Count().ShouldBeLessThan(60);
    }

    [Fact]
    public async Task The_random_rows_are_a_random_sample_of_all_rows()
    {
        var hits = new int[10];
        for (var seed = 1UL; seed <= 200; seed++)
        {
            var hard = await RowList.PickAsync(Enumerable.Range(0, 100).Select(i => new string('a', i + 1)), 10, seed);
            foreach (var row in hard.Rows.Where(row => row.Stratum == Stratum.Random).OrderBy(row => SeededOrder.Place(seed, 0, row.Record)).Take(3))
                hits[row.Record / 10]++;
        }

        // 600 draws over ten tenths: 60 each, standard deviation 7.3. The shortest and the longest are drawn as often as the rest.
        hits.ShouldAllBe(count => count > 31 && count < 89, string.Join(' ', hits));
    }

    [Fact]
    public async Task A_key_is_picked_once()
    {
        var hard = await new RowList(Enumerable.Range(0, 50).Select(i => (string?[])["same", $"text {i}", "all"])).PickAsync(10);

        hard.Rows.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(1)]
    public async Task What_a_stratum_cannot_fill_goes_to_random_rows(int rows)
    {
        var hard = await RowList.PickAsync(Bulk(3_000), rows);

        Strata.Quotas(rows).Sum().ShouldBe(rows);
        hard.Rows.Count.ShouldBe(rows);
        hard.Mix.Sum(share => share.Found).ShouldBe(rows);
        hard.Mix.Skip(1).ShouldAllBe(share => share.Found <= share.Wanted);
        foreach (var share in hard.Mix)
            hard.Rows.Count(row => row.Stratum == share.Stratum).ShouldBe(share.Found);
    }

    [Fact]
    public void Quotas_are_stated_as_shares_of_a_hundred()
    {
        Strata.All.Sum(rule => rule.Percent).ShouldBe(100);
        Strata.All.Select(rule => (int)rule.Stratum).ShouldBe(Enumerable.Range(0, Strata.All.Count));
        Strata.Quotas(100).ShouldBe(Strata.All.Select(rule => rule.Percent));
    }

    [Fact]
    public async Task An_empty_source_gives_an_empty_pick()
    {
        var hard = await RowList.PickAsync([]);

        hard.Rows.ShouldBeEmpty();
        hard.Mix.ShouldAllBe(share => share.Found == 0);
    }

    [Fact]
    public async Task A_foreign_text_is_quoted_cut_and_escaped()
    {
        var hard = await RowList.PickAsync([.. Bulk(50), "\u001b[31m" + new string('x', 500)], 30);

        var row = hard.Rows.Single(row => row.Stratum == Stratum.Control);
        row.Why.ShouldStartWith("has U+001B: \"\\u{1b}[31mxxx");
        row.Why.Length.ShouldBeLessThan(100);
    }

    internal static IEnumerable<string> Bulk(int count)
    {
        var random = new Random(5);
        for (var i = 0; i < count; i++)
        {
            yield return $"{Traits[random.Next(Traits.Length)]} {Things[random.Next(Things.Length)]} {Traits[random.Next(Traits.Length)]} "
                + $"for {Uses[random.Next(Uses.Length)]} and {Things[random.Next(Things.Length)]}";
        }
    }

    private static string Told(HardRows hard) => string.Join('\n', hard.Rows.Select(row => $"{row.Key} {row.Stratum} {row.Why}"));
}
