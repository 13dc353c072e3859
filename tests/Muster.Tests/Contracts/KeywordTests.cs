using System.Text;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

/// <summary>For each keyword the last value that passes, the first that does not, and where the refusal points.</summary>
public sealed class KeywordTests
{
    [Theory]
    [InlineData("""{"type":"integer"}""", "-10e-1", "1.5", "type", "")]
    [InlineData("""{"type":["string","null"]}""", "null", "false", "type", "")]
    [InlineData("""{"type":"number"}""", "1e400", "\"1\"", "type", "")]
    [InlineData("""{"enum":["a","\u00e4",null,1,[1,{"x":2,"y":3}]]}""", """[1.0,{"y":3e0,"x":2}]""", """[1,{"x":2}]""", "enum", "")]
    [InlineData("""{"enum":["a/b"]}""", """ "a\/b" """, """ "a\\/b" """, "enum", "")]
    [InlineData("""{"enum":["\u00e9"]}""", """ "\u00E9" """, """ "e\u0301" """, "enum", "")]
    [InlineData("""{"enum":[true]}""", "true", "1", "enum", "")]
    [InlineData("""{"const":{"a":[]}}""", """{"a":[]}""", """{"a":{}}""", "const", "")]
    [InlineData("""{"const":null}""", "null", "0", "const", "")]
    [InlineData("""{"const":"ab"}""", """ "\u0061b" """, """ "abc" """, "const", "")]
    [InlineData("""{"properties":{"a":{"type":"null"}}}""", """{"a":null,"b":1}""", """{"b":1,"a":1}""", "type", "/a")]
    [InlineData("""{"properties":{"a":false}}""", """{"b":1}""", """{"a":1}""", "false", "/a")]
    [InlineData("""{"required":["a","b"]}""", """{"b":1,"a":1}""", """{"a":1}""", "required", "")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"\u0061":1}""", """{"a":1,"x/~y":1}""", "additionalProperties", "/x~1~0y")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"null"}}""", """{"a":1,"b":null}""", """{"b":1}""", "type", "/b")]
    [InlineData("""{"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":false}""", """{"n_a":1}""", """{"m_a":1}""", "additionalProperties", "/m_a")]
    [InlineData("""{"patternProperties":{"a":{"minimum":1},"b":{"maximum":2}}}""", """{"ab":2}""", """{"ab":3}""", "maximum", "/ab")]
    [InlineData("""{"propertyNames":{"maxLength":2}}""", """{"ab":1}""", """{"abc":1}""", "propertyNames", "/abc")]
    [InlineData("""{"minProperties":1}""", """{"a":1}""", "{}", "minProperties", "")]
    [InlineData("""{"maxProperties":1}""", """{"a":1}""", """{"a":1,"b":2}""", "maxProperties", "")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"b":1,"a":1}""", """{"a":1}""", "dependentRequired", "")]
    [InlineData("""{"dependentSchemas":{"a":{"maxProperties":1}}}""", """{"b":1,"c":2}""", """{"b":1,"a":1}""", "maxProperties", "")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", """["a",1]""", "type", "/1")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", """["a"]""", """["a","b"]""", "false", "/1")]
    [InlineData("""{"minItems":2}""", "[1,2]", "[1]", "minItems", "")]
    [InlineData("""{"maxItems":2.0}""", "[1,2]", "[1,2,3]", "maxItems", "")]
    [InlineData("""{"uniqueItems":true}""", """[1,"1",[1],true,{"a":1}]""", """[{"a":1,"b":2},3,{"b":2.0,"a":1}]""", "uniqueItems", "")]
    [InlineData("""{"uniqueItems":true}""", """["a","A"]""", """["a","\u0061"]""", "uniqueItems", "")]
    [InlineData("""{"contains":{"type":"null"}}""", "[1,null]", "[1]", "contains", "")]
    [InlineData("""{"contains":{"type":"null"},"minContains":2}""", "[null,1,null]", "[null,1]", "minContains", "")]
    [InlineData("""{"contains":{"type":"null"},"maxContains":1}""", "[null]", "[null,null]", "maxContains", "")]
    [InlineData("""{"minimum":9007199254740993}""", "9007199254740993", "9007199254740992", "minimum", "")]
    [InlineData("""{"maximum":0.3}""", "0.30", "0.30000000000000000001", "maximum", "")]
    [InlineData("""{"exclusiveMinimum":-1}""", "-0.999", "-1.0", "exclusiveMinimum", "")]
    [InlineData("""{"exclusiveMaximum":1e2}""", "99.99", "100", "exclusiveMaximum", "")]
    [InlineData("""{"multipleOf":0.01}""", "19.99", "19.999", "multipleOf", "")]
    [InlineData("""{"minLength":2}""", """ "\uD83D\uDE00a" """, """ "😀" """, "minLength", "")]
    [InlineData("""{"maxLength":2}""", """ "😀\uD83D\uDE00" """, """ "\uD83D\uDE00ab" """, "maxLength", "")]
    [InlineData("""{"maxLength":1}""", """ "\uD83D" """, """ "\uD83Dx" """, "maxLength", "")]
    [InlineData("""{"pattern":"^a.$"}""", """ "a😀" """, """ "ab\n" """, "pattern", "")]
    [InlineData("""{"allOf":[{"minimum":1},{"maximum":2}]}""", "2", "3", "maximum", "")]
    [InlineData("""{"anyOf":[{"type":"null"},{"type":"string"}]}""", "null", "1", "anyOf", "")]
    [InlineData("""{"oneOf":[{"multipleOf":2},{"multipleOf":3}]}""", "9", "6", "oneOf", "")]
    [InlineData("""{"not":{"type":"null"}}""", "0", "null", "not", "")]
    [InlineData("""{"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}}""", "1", "\"\"", "minLength", "")]
    [InlineData("""{"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}}""", "\"a\"", "0", "minimum", "")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}""", "null", "1", "type", "")]
    [InlineData("""{"properties":{"a":{"$ref":"#x","maxLength":2}},"$defs":{"y":{"$anchor":"x","type":"string"}}}""", """{"a":"ab"}""", """{"a":"abc"}""", "maxLength", "/a")]
    [InlineData("""{"properties":{"next":{"$ref":"#"}},"additionalProperties":false}""", """{"next":{"next":{}}}""", """{"next":{"next":{"x":1}}}""", "additionalProperties", "/next/next/x")]
    public void A_keyword_holds_up_to_its_limit(string schema, string valid, string invalid, string keyword, string pointer)
    {
        var contract = Contract.Compile(schema, "schema.json");

        contract.Check(Encoding.UTF8.GetBytes(valid)).ShouldBe(ContractResult.Valid);
        var refused = contract.Check(Encoding.UTF8.GetBytes(invalid));

        refused.Kind.ShouldBe(keyword == "enum" ? ContractResultKind.EnumUnknown : ContractResultKind.Schema);
        refused.Keyword.ShouldBe(keyword);
        refused.Pointer.ShouldBe(pointer);
        refused.Message.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("title")]
    [InlineData("format")]
    [InlineData("default")]
    public void An_annotation_constrains_nothing(string keyword) =>
        Contract.Compile($$"""{"{{keyword}}":"email"}""", "schema.json").Check("\"not an address\""u8).IsValid.ShouldBeTrue();
}
