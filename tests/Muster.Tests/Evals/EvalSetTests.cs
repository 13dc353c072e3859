using System.Text;
using Muster.Evals;

namespace Muster.Tests.Evals;

public sealed class EvalSetTests
{
    private const string Schema =
        """
        {"type":"object","required":["category","features","summary","price"],"additionalProperties":false,"properties":{
          "category":{"enum":["Food","Tools",null]},
          "features":{"type":"array","items":{"type":"string"},"maxItems":2},
          "summary":{"type":"string","maxLength":20},
          "price":{"$ref":"#/$defs/price"}},
         "$defs":{"price":{"type":"number","minimum":0}}}
        """;

    private const string Header = """{"evalset":"gold","version":3,"fields":{"/category":{"compare":"exact"},"/features":{"compare":"set","min_jaccard":0.5},"/price":{"compare":"number","rel":0.01}}}""";
    private const string Good = """{"key":"A-1","expect":{"/category":"Food","/price":2},"must_pass":true,"slice":["lang=de"],"origin":"review#88"}""";

    [Fact]
    public void A_set_is_read_and_written_in_one_form()
    {
        var set = Read(Header, Good, """{"expect":{"/features":["a"]},"key":"A-2","weight":2.5,"input":{"name":"Сыр"},"input_hash":"0123456789abcdef0123456789abcdef"}""");

        (set.Id, set.Version, set.Cases.Count).ShouldBe(("gold", 3, 2));
        set.Cases[0].MustPass.ShouldBeTrue();
        set.Cases[1].Input!["name"].ShouldBe("Сыр");
        var written = EvalSetWriter.Write(set);
        var again = EvalSetReader.Read(written, "gold.jsonl", Schema);
        EvalSetWriter.Write(again).ShouldBe(written);
        again.Hash.ShouldBe(set.Hash);
        Encoding.UTF8.GetString(written).Split('\n')[1].ShouldBe("""{"key":"A-1","expect":{"/category":"Food","/price":2},"must_pass":true,"slice":["lang=de"],"origin":"review#88"}""");
    }

    [Fact]
    public void The_hash_is_of_the_content_and_not_of_the_order()
    {
        const string other = """{"key":"A-2","expect":{"/category":null}}""";
        var hash = Read(Header, Good, other).Hash;

        Read(Header, other, Good).Hash.ShouldBe(hash);
        Read(Header.Replace("0.5", "0.6", StringComparison.Ordinal), Good, other).Hash.ShouldNotBe(hash);
        Read(Header, Good.Replace("Food", "Tools", StringComparison.Ordinal), other).Hash.ShouldNotBe(hash);
    }

    [Fact]
    public void A_closed_version_that_was_edited_is_refused_with_both_hashes()
    {
        var closed = Encoding.UTF8.GetString(EvalSetWriter.Write(Read(Header, Good)));
        var refusal = Should.Throw<EvalSetException>(() => EvalSetReader.Read(Encoding.UTF8.GetBytes(closed.Replace("Food", "Tools", StringComparison.Ordinal)), "gold.jsonl", Schema));

        refusal.Message.ShouldStartWith("gold.jsonl:1: the cases hash to sha256:");
        refusal.Message.ShouldContain("version 3 was changed after it was closed");
        refusal.Hint.ShouldContain("make it version 4");
    }

    [Theory]
    [InlineData("""{"key":"A","expect":{"/categry":"Food"}}""", "the contract has no field \"/categry\". Did you mean `/category`?")]
    [InlineData("""{"key":"A","expect":{"category":"Food"}}""", "the contract has no field \"category\". Did you mean `/category`?")]
    [InlineData("""{"key":"A","expect":{"/price/deep":1}}""", "\"/price/deep\" points into /price; whole fields are compared")]
    [InlineData("""{"key":"A","expect":{"/summary":"text"}}""", "the header does not say how \"/summary\" is compared")]
    [InlineData("""{"key":"A","expect":{"/category":"Shoes"}}""", "the contract refuses what is expected at \"/category\"")]
    [InlineData("""{"key":"A","expect":{"/price":-1}}""", "the contract refuses what is expected at \"/price\"")]
    [InlineData("""{"key":"A","expect":{"/features":["a","b","c"]}}""", "the contract refuses what is expected at \"/features\"")]
    [InlineData("""{"key":"A","expct":{"/category":"Food"}}""", "the case has the unknown field \"expct\". Did you mean `expect`?")]
    [InlineData("""{"expect":{"/category":"Food"}}""", "the case lacks \"key\"")]
    [InlineData("""{"key":"","expect":{"/category":"Food"}}""", "the case has an empty key")]
    [InlineData("""{"key":7,"expect":{"/category":"Food"}}""", "the case has the number 7 for key where text was expected")]
    [InlineData("""{"key":"A","expect":{}}""", "the case expects nothing")]
    [InlineData("""{"key":"A"}""", "the case lacks \"expect\"")]
    [InlineData("""{"key":"A","expect":{"/category":"Food"},"must_pass":"yes"}""", "for must_pass where true or false was expected")]
    [InlineData("""{"key":"A","expect":{"/category":"Food"},"weight":-1}""", "for weight where a number of at least 0 was expected")]
    [InlineData("""{"key":"A","expect":{"/category":"Food","/category":"Tools"}}""", "the case has \"/category\" twice in expect")]
    [InlineData("""{"key":"A","key":"B","expect":{"/category":"Food"}}""", "the case has the field \"key\" twice")]
    [InlineData("""{"key":"A","expect":{"/category":"Food"},"input_hash":"XYZ"}""", "input_hash \"XYZ\" is not 32 lower-case hexadecimal digits")]
    [InlineData("""{"key":"A-1","expect":{"/category":"Food"}}""", "the key \"A-1\" stands in line 2 already")]
    [InlineData("""["A"]""", "the case is a list, not an object")]
    [InlineData("""{"key":"A",""", "not one JSON object")]
    [InlineData("""{"key":"\ud800","expect":{"/category":"Food"}}""", "the case has half of a surrogate pair in key")]
    [InlineData("""{"key":"A","expect":{"\ud800":"Food"}}""", "half of a surrogate pair")]
    public void Each_bad_line_has_one_answer_that_names_it(string line, string message)
    {
        var refusal = Should.Throw<EvalSetException>(() => Read(Header, Good, line));

        var fault = refusal.Faults.ShouldHaveSingleItem();
        fault.Line.ShouldBe(3);
        fault.Message.ShouldContain(message);
        fault.Hint.ShouldNotBeEmpty();
        refusal.Message.ShouldStartWith("gold.jsonl:3: ");
    }

    [Theory]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/category":{"compare":"exakt"}}}""", "the comparator of \"/category\" is \"exakt\". Did you mean `exact`?")]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/category":{"compare":"exact","rel":1}}}""", "the comparator of \"/category\", exact, has the unknown field \"rel\"")]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/summary":{"compare":"text","normalize":["nfc"]}}}""", "normalizes by \"nfc\"")]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/features":{"compare":"list","order":"any"}}}""", "has order \"any\"")]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/summary":{"compare":"rubric"}}}""", "lacks \"rubric\"")]
    [InlineData("""{"evalset":"gold","version":1,"fields":{"/features":{"compare":"set","min_jaccard":2}}}""", "for min_jaccard where a number from 0 to 1 was expected")]
    [InlineData("""{"evalset":"gold","version":0,"fields":{}}""", "a whole version of at least 1")]
    [InlineData("""{"evalset":"gold","fields":{}}""", "the header lacks \"version\"")]
    [InlineData("""{"key":"A-0","expect":{"/category":"Food"}}""", "the header has the unknown field \"key\"")]
    public void A_bad_header_is_told_once_and_the_cases_are_still_read(string header, string message)
    {
        var refusal = Should.Throw<EvalSetException>(() => Read(header, Good, """{"key":"A-2","expect":{"/nothing":1}}"""));

        refusal.Faults.Select(fault => fault.Line).ShouldBe([1, 3]);
        refusal.Faults[0].Message.ShouldContain(message);
    }

    [Fact]
    public void Every_bad_line_is_told_at_once_and_an_empty_set_is_none()
    {
        var refusal = Should.Throw<EvalSetException>(() => Read(Header, "{", Good, """{"key":"B","expect":{"/x":1}}""", "", "7"));

        refusal.Faults.Select(fault => fault.Line).ShouldBe([2, 4, 6]);
        refusal.Message.ShouldStartWith("gold.jsonl has 3 faults:");
        refusal.Hint.ShouldBe("Correct these lines; none of the set was used.");
        Should.Throw<EvalSetException>(() => Read()).Message.ShouldContain("there is no eval set in it");
        Should.Throw<EvalSetException>(() => Read(Header)).Message.ShouldContain("the eval set has no case");
        Should.Throw<EvalSetException>(() => EvalSetReader.Read([.. Encoding.UTF8.GetBytes(Header + "\n"), 0xC3, 0x28], "gold.jsonl", Schema)).Message.ShouldContain("gold.jsonl:2: the line is not UTF-8");
    }

    private static EvalSet Read(params string[] lines) => EvalSetReader.Read(Encoding.UTF8.GetBytes(string.Join('\n', lines)), "gold.jsonl", Schema);
}
