using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class ContractCompileTests
{
    [Fact]
    public void Every_fault_is_listed_at_once_with_its_place()
    {
        var e = Refused("""
            { "type": "strng", "properties": { "a": { "maxlength": 3, "minLength": -1 }, "b": { "unevaluatedItems": false }, "c": 5 }, "required": "a",
              "allOf": [], "$ref": "other.json" }
            """);

        e.Faults.Select(fault => $"{fault.Pointer} {fault.Keyword}").ShouldBe(
            [" type", "/properties/a maxlength", "/properties/a minLength", "/properties/b unevaluatedItems", "/properties/c ", " required", " allOf", " $ref"],
            ignoreOrder: true);
        e.Message.ShouldStartWith("schema.json is not a usable contract: 8 faults.");
        e.Message.ShouldContain("unevaluatedItems is not supported");
        e.Faults.Single(fault => fault.Keyword == "maxlength").Hint.ShouldBe("Did you mean maxLength?");
        e.SchemaPath.ShouldBe("schema.json");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("{", "")]
    [InlineData("""{"type":"null","type":"string"}""", "")]
    [InlineData("""{"title":"\uD800","enum":["\uDC00"]}""", "")]
    [InlineData("3", "")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "$schema")]
    [InlineData("""{"$ref":"https://json-schema.org/draft/2020-12/schema"}""", "$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "$ref")]
    [InlineData("""{"$ref":"#"}""", "$ref")]
    [InlineData("""{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", "$ref")]
    [InlineData("""{"$id":"#frag"}""", "$id")]
    [InlineData("""{"$anchor":"a b"}""", "$anchor")]
    [InlineData("""{"definitions":{}}""", "definitions")]
    [InlineData("""{"type":[]}""", "type")]
    [InlineData("""{"enum":"a"}""", "enum")]
    [InlineData("""{"properties":[]}""", "properties")]
    [InlineData("""{"required":[1]}""", "required")]
    [InlineData("""{"dependentRequired":{"a":1}}""", "dependentRequired")]
    [InlineData("""{"items":[{}]}""", "")]
    [InlineData("""{"anyOf":{}}""", "anyOf")]
    [InlineData("""{"uniqueItems":1}""", "uniqueItems")]
    [InlineData("""{"maxItems":1.5}""", "maxItems")]
    [InlineData("""{"minimum":"1"}""", "minimum")]
    [InlineData("""{"multipleOf":0}""", "multipleOf")]
    [InlineData("""{"multipleOf":1.2345678901234567891}""", "multipleOf")]
    [InlineData("""{"pattern":"(?=a)"}""", "pattern")]
    [InlineData("""{"pattern":"(a)\\1"}""", "pattern")]
    [InlineData("""{"pattern":"(a"}""", "pattern")]
    [InlineData("""{"pattern":"^.{1,5000}$"}""", "pattern")]
    [InlineData("""{"patternProperties":{"\\bx":{}}}""", "patternProperties")]
    public void What_is_not_a_usable_schema_is_refused_by_keyword(string schema, string keyword)
    {
        var e = Refused(schema);

        e.Faults[0].Keyword.ShouldBe(keyword);
        e.Hint.ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_unsupported_keyword_is_refused_by_its_name()
    {
        foreach (var keyword in Keywords.All.Where(keyword => keyword.Use == KeywordUse.Unsupported))
        {
            Refused($"{{\"{keyword.Name}\":{{}}}}").Faults.ShouldContain(fault => fault.Keyword == keyword.Name && fault.Hint == keyword.Note);
        }
    }

    [Fact]
    public void A_chain_of_references_is_bounded()
    {
        static string Chain(int length)
        {
            var links = Enumerable.Range(0, length).Select(i => $"\"d{i}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}");
            return $"{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{string.Join(',', links)},\"d{length}\":{{\"type\":\"null\"}}}}}}";
        }

        Contract.Compile(Chain(SchemaLinks.MaxChain - 2), "s.json").Check("1"u8).Keyword.ShouldBe("type");
        Refused(Chain(SchemaLinks.MaxChain)).Faults[0].What.ShouldContain("more than 64");
    }

    private static ContractException Refused(string schema) => Should.Throw<ContractException>(() => Contract.Compile(schema, "schema.json"));
}
