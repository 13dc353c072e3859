using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class ApiSchemaTests
{
    [Fact]
    public void What_the_API_cannot_enforce_is_taken_out_and_said()
    {
        var contract = Contract.Compile("""
            { "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["category"], "minProperties": 1,
              "properties": {
                "category": { "enum": ["shoes", null], "description": "The shelf." },
                "features": { "type": "array", "minItems": 2, "maxItems": 5, "uniqueItems": true, "items": { "type": "string", "maxLength": 1 } },
                "summary": { "type": "string", "minLength": 1, "pattern": "^[A-Z]", "examples": ["x"] },
                "price": { "type": "number", "minimum": 0, "exclusiveMaximum": 1e3, "multipleOf": 0.01 } } }
            """, "p.json");

        contract.ApiSchemaJson.ShouldBe("""
            {"type":"object","description":"Has at least 1 property.","properties":{
            "category":{"enum":["shoes",null],"description":"The shelf."},
            "features":{"type":"array","description":"Has at least 2 items. Has at most 5 items. Has no two equal items.",
            "items":{"type":"string","description":"Has at most 1 character."},"minItems":1},
            "summary":{"type":"string","description":"Has at least 1 character. Matches the regular expression ^[A-Z]."},
            "price":{"type":"number","description":"Is at least 0. Is less than 1e3. Is a multiple of 0.01."}},
            "required":["category"],"additionalProperties":false}
            """.ReplaceLineEndings(""));
        contract.Spoken.ShouldBe(
        [
            "The output has at least 1 property.", "/features has at least 2 items.", "/features has at most 5 items.",
            "/features has no two equal items.", "/features/* has at most 1 character.", "/summary has at least 1 character.",
            "/summary matches the regular expression ^[A-Z].", "/price is at least 0.", "/price is less than 1e3.", "/price is a multiple of 0.01.",
        ]);
        contract.ApiObstacles.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"if":{"type":"null"},"then":{"const":1}}""", """The output matches {"const":1} if it matches {"type":"null"}.""")]
    [InlineData("""{"not":{"const":""}}""", """The output does not match {"const":""}.""")]
    [InlineData("""{"oneOf":[{"type":"null"},{"type":"string"}]}""", "The output matches exactly one of the alternatives.")]
    [InlineData("""{"const":[1]}""", "The output equals [1].")]
    [InlineData("""{"enum":[[1]]}""", "The output is one of [[1]].")]
    [InlineData("""{"contains":{"const":1}}""", """The output contains at least 1 item that matches {"const":1}.""")]
    [InlineData("""{"prefixItems":[{"const":1}],"items":false}""", """The output begins with items that match, in this order, [{"const":1}].""")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """The output has "b" whenever it has "a".""")]
    [InlineData("""{"format":"iri"}""", """The output has the format "iri".""")]
    [InlineData("""{"anyOf":[{"type":"string","maxLength":2}]}""", "The output (alternative 1) has at most 2 characters.")]
    [InlineData("""{"properties":{"a":{}},"anyOf":[{"required":["a"]}]}""", """The output matches at least one of [{"required":["a"]}].""")]
    public void Each_kind_of_constraint_has_words(string schema, string sentence) =>
        Contract.Compile(schema, "s.json").Spoken[0].ShouldBe(sentence);

    [Fact]
    public void Parts_under_allOf_become_one_closed_object()
    {
        var contract = Contract.Compile("""
            { "allOf": [ { "$ref": "#/$defs/base" }, { "properties": { "b": { "type": "null" } }, "required": ["b"] } ],
              "$defs": { "base": { "type": "object", "properties": { "a": { "type": "string" } } }, "unused": { "maxItems": 3 } } }
            """, "s.json");

        contract.ApiSchemaJson.ShouldBe(
            """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"null"}},"required":["b"],"additionalProperties":false}""");
    }

    [Fact]
    public void References_keep_what_they_need_under_defs()
    {
        var contract = Contract.Compile("""
            { "type": "object", "properties": { "a": { "type": "string", "maxLength": 9 }, "b": { "$ref": "#/properties/a" }, "c": { "$ref": "#/$defs/c" } },
              "$defs": { "c": { "type": "array", "items": { "$ref": "#/$defs/c" } }, "unused": {} } }
            """, "s.json");

        contract.ApiSchemaJson.ShouldContain("""
            "b":{"$ref":"#/$defs/properties_a"},"c":{"$ref":"#/$defs/c"}
            """.Trim());
        contract.ApiSchemaJson.ShouldNotContain("unused");
        contract.Spoken.ShouldBe(["/a has at most 9 characters.", "#properties_a has at most 9 characters."]);
        contract.ApiObstacles.ShouldBe(["#c refers to itself, and the API takes no recursive schema."]);
    }

    [Fact]
    public void An_object_without_listed_properties_is_an_obstacle() =>
        Contract.Compile("""{"type":"object","additionalProperties":{"type":"number"}}""", "s.json").ApiObstacles
            .ShouldBe(["The output lists no properties, so the API can only return an empty object there."]);
}
