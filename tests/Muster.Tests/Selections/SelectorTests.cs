using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Muster.Runs;
using Muster.Selections;

namespace Muster.Tests.Selections;

public sealed class SelectorTests
{
    private static readonly SelectorContext Context = new(
        DateTimeOffset.Parse("2026-11-21T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
        new Dictionary<string, IReadOnlySet<string>> { ["keys.txt"] = new HashSet<string> { "A-1", "B-2" } })
    {
        IssueNames = new Dictionary<string, string> { ["9c1f00aa"] = "Q-17", ["77"] = "Q-18" },
    };

    private static readonly RowFacts Row = new("A-1", RowState.Quarantined)
    {
        Reason = "SHP.SCHEMA./category", Run = "r-2", Batches = ["b-1", "msgbatch_01abc"], Issue = "9c1f00aa", Tier = 2,
        ChangedAt = Context.Now.AddHours(-30),
        Output = JsonDocument.Parse("""{"category":"Shoes, new","n":3,"none":null,"tags":["red","blue"],"ok":true,"a b":{"c":"x"}}""").RootElement,
    };

    [Theory]
    [InlineData("state:quarantined", true)]
    [InlineData("state:open,quarantined", true)]
    [InlineData("state:open", false)]
    [InlineData("state:quar*", true)]
    [InlineData("-state:quarantined", false)]
    [InlineData("reason:SHP.*", true)]
    [InlineData("reason:SHP.SCHEMA", true)]
    [InlineData("reason:SHP.SCHEMA./category", true)]
    [InlineData("reason:SHP.SCH", false)]
    [InlineData("reason:SHP.NOT_JSON,SHP.SCHEMA", true)]
    [InlineData("key:A-1", true)]
    [InlineData("key:@keys.txt", true)]
    [InlineData("-key:@keys.txt", false)]
    [InlineData("key:\"@keys.txt\"", false)]
    [InlineData("key:A*", true)]
    [InlineData("key:\"A*\"", false)]
    [InlineData("issue:Q-17 batch:msgbatch_01abc run:r-2 tier:2", true)]
    [InlineData("batch:b-1", true)]
    [InlineData("issue:9c1f*", true)]
    [InlineData("issue:Q-18", false)]
    [InlineData("issue:Q-17 tier:1", false)]
    [InlineData("since:2d", true)]
    [InlineData("since:1d", false)]
    [InlineData("-since:1d", true)]
    [InlineData("since:2026-11-20", true)]
    [InlineData("since:2026-11-20T06:00:01Z", false)]
    [InlineData("/category:\"Shoes, new\"", true)]
    [InlineData("/category:Shoes*", true)]
    [InlineData("/category:*", true)]
    [InlineData("/missing:*", false)]
    [InlineData("-/missing:*", true)]
    [InlineData("/none:null", true)]
    [InlineData("/none:\"null\"", false)]
    [InlineData("/none:*", false)]
    [InlineData("/n:3", true)]
    [InlineData("/ok:true", true)]
    [InlineData("/tags:blue", true)]
    [InlineData("/tags/0:blue", false)]
    [InlineData("\"/a b/c\":x", true)]
    [InlineData("all", true)]
    [InlineData("  state:quarantined\t -state:open  ", true)]
    public void A_row_matches_what_it_says(string selector, bool matches)
    {
        Selector.Parse(selector).Matches(Row, Context).ShouldBe(matches);
    }

    [Theory]
    [InlineData("", 0, "every row", "all")]
    [InlineData("   ", 0, "every row", "all")]
    [InlineData("status:quarantined", 0, "no `status:`", "`state`")]
    [InlineData("run:r-1 stat:x", 8, "no `stat:`", "state:, reason:, key:, issue:, batch:, run:, tier:, since:, slice:, /pointer:")]
    [InlineData("state:quarantine", 6, "No row is ever `quarantine`", "`quarantined`")]
    [InlineData("state:x*", 6, "No row is ever", "pending")]
    [InlineData("quarantined", 0, "not followed by a colon", "field:value")]
    [InlineData("state", 0, "not followed by a colon", "field:value")]
    [InlineData("all state:open", 0, "adds nothing", "Leave it out")]
    [InlineData("state:", 6, "value is missing", "Write one")]
    [InlineData("key:a,,b", 6, "value is missing", "\"\"")]
    [InlineData("key:@", 4, "name of a file", "Write one")]
    [InlineData("key:\"abc", 4, "not closed", "Close it")]
    [InlineData("key:\"abc\\", 4, "not closed", "Close it")]
    [InlineData("key:\"a\"b", 7, "comma or a space", "whole value")]
    [InlineData("tier:0", 5, "not a tier", "from 1")]
    [InlineData("tier:first", 5, "not a tier", "from 1")]
    [InlineData("since:yesterday", 6, "not a time", "2d")]
    [InlineData("since:0d", 6, "not a time", "2d")]
    [InlineData("since:99999999d", 6, "not a time", "2d")]
    [InlineData("since:1d,2d", 11, "one time", "earlier")]
    [InlineData("/a~2:x", 0, "not a JSON pointer", "~0")]
    [InlineData("reason:\"\"", 7, "matches nothing", "any")]
    [InlineData("-", 1, "not followed", "field:value")]
    public void What_is_no_selector_is_refused_with_its_place(string selector, int position, string message, string hint)
    {
        var refusal = Should.Throw<SelectorException>(() => Selector.Parse(selector));

        refusal.Position.ShouldBe(position);
        refusal.Message.ShouldContain(message);
        refusal.Hint.ShouldContain(hint);
        refusal.ExitCode.ShouldBe(ExitCodes.Usage);
    }

    [Theory]
    [InlineData("key:*")]
    [InlineData("-/category:*,Toys")]
    [InlineData("key:\"\"*")]
    public void A_selector_is_written_as_it_can_be_typed(string text) => Selector.Parse(text).ToString().ShouldBe(text);

    [Fact]
    public void A_selector_of_any_length_is_refused_before_it_is_read()
    {
        Should.Throw<SelectorException>(() => Selector.Parse("key:" + new string('a', 20_000))).Hint.ShouldContain("key:@file");
    }

    [Fact]
    public void Whatever_selector_there_is_comes_back_from_its_text()
    {
        var text = Gen.OneOf(Gen.Elements("a", "Ж😀", "null", "", "@f", "x*", "a b", "a,b", "a:b", "q\"q", "b\\b", "\n", "-x", "*", "r-1"),
            Gen.Elements("a", "\"", "\\", " ", ",", "*", "@", ":", "\u2028", "-").ArrayOf().Select(string.Concat));
        var plain = Gen.Elements(SelectorField.Reason, SelectorField.Key, SelectorField.Issue, SelectorField.Batch, SelectorField.Run, SelectorField.Pointer);
        var value = from t in text from match in Gen.Elements(SelectorMatch.Exact, SelectorMatch.Prefix, SelectorMatch.File) from quoted in Gen.Elements(true, false)
                    select new SelectorValue(t, match, quoted);
        var term = from field in plain from pointer in text from negated in Gen.Elements(true, false) from values in value.NonEmptyListOf()
                   select new SelectorTerm(field, field == SelectorField.Pointer ? "/" + pointer.Replace("~", "", StringComparison.Ordinal) : null, negated,
                       [.. values.Select(v => Fit(field, v))]);
        Prop.ForAll(term.NonEmptyListOf().ToArbitrary(), terms =>
        {
            var written = new Selector([.. terms]).ToString();
            if (written.Length > SelectorParser.MaxChars)
                return true;
            var read = Selector.Parse(written);
            return read.ToString() == written && read.Terms.Zip(terms).All(pair => Same(pair.First, pair.Second)) && read.Terms.Count == terms.Count;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_needs_the_row_itself_is_not_for_SQL()
    {
        Selector.Parse("state:open reason:* key:a batch:b run:r tier:1 since:1d").Terms.ShouldAllBe(term => term.IsForSql);
        Selector.Parse("/a:b issue:Q-1 slice:a=b").Terms.ShouldAllBe(term => !term.IsForSql);
    }

    // The text decides how a value is written where it cannot stand bare.
    private static SelectorValue Fit(SelectorField field, SelectorValue value)
    {
        if (value.Match == SelectorMatch.File && (field != SelectorField.Key || value.Text.Length == 0))
            value = value with { Match = SelectorMatch.Exact };
        if (field is not (SelectorField.Key or SelectorField.Pointer) && value is { Text.Length: 0, Match: SelectorMatch.Exact })
            value = value with { Text = "x" };
        return value;
    }

    private static bool Same(SelectorTerm read, SelectorTerm made) =>
        read.Field == made.Field && read.Pointer == made.Pointer && read.Negated == made.Negated
        && read.Values.Select(v => (v.Text, v.Match)).SequenceEqual(made.Values.Select(v => (v.Text, v.Match)));
}
