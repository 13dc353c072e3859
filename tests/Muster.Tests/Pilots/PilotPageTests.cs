using System.Text;
using System.Text.RegularExpressions;
using Muster.Claude;
using Muster.Pilots;
using Muster.Runs;
using Muster.Tests.Runs;

namespace Muster.Tests.Pilots;

public sealed partial class PilotPageTests
{
    private static readonly string[] Allowed =
        ["html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "input", "label", "main", "article", "div", "dl", "dt", "dd", "span", "i", "table", "tr", "th", "td"];

    private static readonly string[] Hostile =
    [
        "h-1,<script>alert(1)</script><img src=x onerror=alert(2)>", "h-2,</textarea></dd></article><iframe src=//evil.example>",
        "h-3,abc\u202Edef", "h-4,\"quote \"\" and ' and <a href='javascript:alert(3)'>\"", "\"h-5<b>\",<style>@import url(http://evil.example/x.css)</style>",
    ];

    private static async Task<string> PageAsync(Trial trial)
    {
        var end = await trial.RunAsync(options => options with { Scope = new RunScope(PilotStage.Pilot) { Rows = 25 } });
        await using var store = trial.Read();
        var pilot = await new PilotReader(store, store.ArchiveFolder, Prices.BuiltIn).ReadAsync(end.Run, 0.9, TestContext.Current.CancellationToken);
        pilot.Report.Tokens[0].Answers.ShouldBeGreaterThan(0);
        using var text = new StringWriter();
        PilotPage.Write(pilot, text);
        return text.ToString();
    }

    [Fact]
    public async Task Hostile_rows_stay_text_and_the_page_refers_to_nothing_outside()
    {
        await using var trial = await Trial.StartAsync(rows: [.. Hostile, .. Some.Rows(20)]);

        var page = await PageAsync(trial);

        foreach (var tag in Tag().Matches(page).Where(tag => tag.Groups["name"].Success))
        {
            Allowed.ShouldContain(tag.Groups["name"].Value, tag.Value);
            tag.Groups["attributes"].Value.ShouldNotMatch(@"\b(?:on\w+|src|href|action|formaction|data|poster|srcset|style|background)\s*=", tag.Value);
        }

        Tag().Replace(page, "").ShouldNotContain("<", Case.Sensitive, "a tag that is not a whole one");
        page.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;");
        page.ShouldContain("<i class=\"odd\">U+202E</i>");
        page.ShouldNotContain("\u202E");
        Style().Match(page).Value.ShouldNotContain("url(");
        page.ShouldContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"");
        page.Split("<article ").Length.ShouldBe(26);
        Balanced(page);
    }

    [Fact]
    public async Task The_page_says_how_far_the_pass_rate_is_known_what_was_picked_and_why_and_which_cap_is_proposed()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(40));

        var page = await PageAsync(trial);

        page.ShouldMatch(@"All picked rows: \d+ of 25 passed, [\d.]+ % \(95 %: [\d.]+ % to [\d.]+ %\)\. Random rows: \d+ of \d+ passed, [\d.]+ % \(95 %: ");
        page.ShouldMatch(@"<th>wanted</th><th>found</th><th>in source</th><th>a row of it</th></tr>\n<tr><td>random</td><td>8</td><td>\d+</td><td>40</td>");
        page.ShouldMatch(@"<th>max_tokens</th><th>proposed</th><th>why</th></tr>\n<tr><td>1</td><td>claude-haiku-4-5</td><td>25</td>.*<td>one and a half times the longest answer</td>");
        page.ShouldContain("<p>picked as random: a simple random sample of all rows that can be asked</p>");
        page.Split("<p>picked as ").Length.ShouldBe(26);
        Balanced(page);
    }

    [Theory]
    [InlineData("\0", "<i class=\"odd\">U+0000</i>")]
    [InlineData("\u2028", "<i class=\"odd\">U+2028</i>")]
    [InlineData("a\nb\tc", "a\nb\tc")]
    [InlineData("&<>\"'", "&amp;&lt;&gt;&quot;&#39;")]
    public void Text_is_escaped(string text, string html) => HtmlText.Of(text).ShouldBe(html);

    [Fact]
    public void Half_a_character_is_replaced() => HtmlText.Of("a" + (char)0xd800 + "b").ShouldBe("a\ufffdb");

    [Fact]
    public void An_answer_that_is_not_json_or_holds_half_a_character_is_shown_as_it_stands()
    {
        var run = new Run
        {
            Id = 1, Name = "r-1", Tag = "T", Job = "</title><script>", JobVersion = "v", Snapshot = "{}", Kind = "pilot", State = RunState.Done, Fingerprint = "{}",
            Columns = ["<u>"], OpenedAt = DateTimeOffset.UnixEpoch,
        };
        PickedResult Row(string output) => new("k", "f:1", Stratum.Random, RowState.Quarantined, 0, "SHP.NOT_JSON", "<b>", Encoding.UTF8.GetBytes("[\"\\u0000\"]"),
            Encoding.UTF8.GetBytes(output), new PickedUse(1, 2, 3, 4));
        var rate = new PassRate(0, 0, null, null);
        var report = new PilotReport(rate, rate, PilotVerdict.NotJudged, [], [], [], null, null, []);
        using var text = new StringWriter();

        PilotPage.Write(new PilotAccount(run, new RunPick(1, 3, 3, [], []), [Row("{<nope>"), Row("""{"a":"\ud800<x>"}"""), Row("")], report, 0), text);

        var page = text.ToString();
        page.ShouldContain("{&lt;nope&gt;");
        page.ShouldContain("\\ud800&lt;x&gt;");
        page.ShouldContain("U+0000");
        page.ShouldContain("1 request · 2 tokens in, 3 out · ");
        page.ShouldContain("k · random · <span class=\"bad\">Quarantined SHP.NOT_JSON</span>");
        page.ShouldContain("<p class=\"bad\">&lt;b&gt;</p>");
        page.ShouldNotContain("<script");
        Balanced(page);
    }

    private static void Balanced(string page)
    {
        foreach (var name in Allowed.Except(["meta", "input"]))
            Regex.Count(page, $"<{name}[ >]").ShouldBe(Regex.Count(page, $"</{name}>"), name);
    }

    [GeneratedRegex("<(?:!doctype html|/?(?<name>[a-z][a-z0-9]*)(?<attributes>(?: [a-z-]+(?:=\"[^\"<>]*\")?)*))>")]
    private static partial Regex Tag();

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex Style();
}
