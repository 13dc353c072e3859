using System.Text;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class ContractCheckTests
{
    private const string Product = """
        { "type": "object", "additionalProperties": false, "required": ["category", "features", "summary"],
          "properties": {
            "category": { "enum": ["shoes", "hats", null] },
            "features": { "type": "array", "maxItems": 5, "items": { "type": "string", "maxLength": 40 } },
            "summary": { "type": "string", "maxLength": 119 } } }
        """;

    [Theory]
    [InlineData("""{"category":"boots","features":[],"summary":"s"}""",
        """/category must be one of "shoes", "hats", null, but is "boots".""")]
    [InlineData("""{"category":null,"features":["a","b","c","d","e","f"],"summary":"s"}""", "/features must have at most 5 items, but has 6.")]
    [InlineData("""{"category":null,"features":["a",{"b": 1}],"summary":"s"}""", """/features/1 must be a string, but is {"b": 1}.""")]
    [InlineData("""{"category":null,"features":[]}""", """The output must have the property "summary".""")]
    [InlineData("""{"category":null,"extra":1}""", "/extra is a property that the contract does not know.")]
    [InlineData("""{"category":null,"category":null}""", "/category must appear once in its object.")]
    public void A_message_says_where_what_is_wanted_and_what_is_there(string text, string message) =>
        Contract.Compile(Product, "p.json").Check(Encoding.UTF8.GetBytes(text)).Message.ShouldBe(message);

    [Fact]
    public void A_long_or_dangerous_value_is_cut_and_escaped()
    {
        var result = Contract.Compile("""{"maxLength":3}""", "s.json").Check(Encoding.UTF8.GetBytes("\"\\u001b[31m\\u202E" + new string('x', 5000) + "\""));

        result.Message.ShouldBe($"The output must have at most 3 characters, but has 5006: \"\\u{{1b}}[31m\\u{{202e}}{new string('x', 62)}…\".");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("""{"category":"boots","features":[],"summary":"cut o""")]
    [InlineData("""{"category":null,"features":[],"summary":""} and more""")]
    [InlineData("""Here is the JSON: {"category":null}""")]
    [InlineData("""{"category":null,"features":[],"summary":"a",}""")]
    public void Text_that_is_not_JSON_is_named_before_any_violation(string text)
    {
        var result = Contract.Compile(Product, "p.json").Check(Encoding.UTF8.GetBytes(text));

        result.Kind.ShouldBe(ContractResultKind.NotJson);
        result.Pointer.ShouldBe("");
        result.Message.ShouldStartWith("The output is ");
    }

    [Fact]
    public void Broken_UTF8_is_not_JSON() =>
        Contract.Compile("true", "t.json").Check([(byte)'"', 0xC3, 0x28, (byte)'"']).Kind.ShouldBe(ContractResultKind.NotJson);

    [Fact]
    public void The_first_violation_in_document_order_is_reported()
    {
        var contract = Contract.Compile("""{"properties":{"a":{"type":"null"},"b":{"type":"null"}}}""", "s.json");

        contract.Check("""{"b":1,"a":1}"""u8).Pointer.ShouldBe("/b");
        contract.Check("""{"a":1,"b":1}"""u8).Pointer.ShouldBe("/a");
    }

    [Fact]
    public void Of_alternatives_the_one_that_was_meant_is_explained()
    {
        var contract = Contract.Compile("""
            { "properties": { "c": { "anyOf": [ { "enum": ["x", "y"] }, { "type": "null" } ] },
              "d": { "oneOf": [ { "type": "object", "properties": { "n": { "maximum": 3 } } }, { "type": "array" } ] } } }
            """, "s.json");

        contract.Check("""{"c":"z"}"""u8).ShouldBe(new ContractResult(
            ContractResultKind.EnumUnknown, "/c", "enum", """/c must be one of "x", "y", but is "z"."""));
        contract.Check("""{"d":{"n":4}}"""u8).Pointer.ShouldBe("/d/n");
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_is_read_to_depth_64(int depth, bool isValid)
    {
        var result = Contract.Compile("true", "t.json").Check(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)));

        result.IsValid.ShouldBe(isValid);
        result.Kind.ShouldBe(isValid ? ContractResultKind.Valid : ContractResultKind.NotJson);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(20_000)]
    public void A_repeated_name_is_found_among_few_and_many_unlisted_ones(int names)
    {
        var members = Enumerable.Range(0, names).Select(i => $"\"k{i}\":{i}").ToList();
        var contract = Contract.Compile("true", "t.json");

        contract.Check(Encoding.UTF8.GetBytes($"[{{{string.Join(',', members)}}}]")).IsValid.ShouldBeTrue();
        members.Add("\"\\u006b1\":0");
        var result = contract.Check(Encoding.UTF8.GetBytes($"[{{{string.Join(',', members)}}}]"));

        result.Keyword.ShouldBe("duplicate");
        result.Pointer.ShouldBe("/0/k1");
    }

    [Fact]
    public void Alternatives_that_double_at_each_level_meet_the_budget()
    {
        var contract = Contract.Compile("""
            { "$ref": "#/$defs/n", "$defs": { "n": { "anyOf": [
              { "items": { "$ref": "#/$defs/n" }, "minItems": 1, "type": "array" }, { "items": { "$ref": "#/$defs/n" }, "type": "array" }, { "const": 1 } ] } } }
            """, "s.json");
        var depth = new string('[', 60);

        contract.Check(Encoding.UTF8.GetBytes($"{depth}1{new string(']', 60)}")).IsValid.ShouldBeTrue();
        var result = contract.Check(Encoding.UTF8.GetBytes($"{depth}2{new string(']', 60)}"));

        result.Kind.ShouldBe(ContractResultKind.Schema);
        result.Keyword.ShouldBe("budget");
    }

    [Fact]
    public void The_longest_chain_at_the_greatest_depth_fits_a_small_stack()
    {
        var links = Enumerable.Range(0, 30).Select(i => $$"""
            "a{{i}}": { "type": "array", "allOf": [ { "$ref": "#/$defs/a{{i + 1}}" } ] }
            """);
        var contract = Contract.Compile($$"""
            { "$ref": "#/$defs/a0", "$defs": { {{string.Join(',', links)}}, "a30": { "items": { "$ref": "#/$defs/a0" } } } }
            """, "s.json");
        ContractResult? result = null;
        // Spaces raise the budget, so that it is the stack that ends the check.
        var text = Encoding.UTF8.GetBytes(new string('[', 64) + new string(']', 64) + new string(' ', 10_000));
        var thread = new Thread(() => result = contract.Check(text), maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        result.ShouldNotBeNull().Keyword.ShouldBe("budget");
        contract.Check(text).IsValid.ShouldBeTrue();
    }

    [Fact]
    public void A_text_beyond_the_size_limit_is_refused_unread()
    {
        var text = new byte[ContractRun.MaxBytes + 1];
        text.AsSpan().Fill((byte)' ');
        text[0] = (byte)'1';
        var contract = Contract.Compile("true", "t.json");

        contract.Check(text.AsSpan(0, ContractRun.MaxBytes)).IsValid.ShouldBeTrue();
        contract.Check(text).Keyword.ShouldBe("budget");
    }

    [Fact]
    public void A_valid_check_allocates_nothing()
    {
        var contract = Contract.Compile(Product, "p.json");
        var text = Encoding.UTF8.GetBytes("""{"category":"hats","features":["wool","warm, caf\u00e9"],"summary":"A hat."}""");
        contract.Check(text).IsValid.ShouldBeTrue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            contract.Check(text);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    [Fact]
    public void Values_of_an_enum_are_found_at_its_pointer_or_at_its_schema()
    {
        var contract = Contract.Compile("""
            { "properties": { "category": { "enum": ["shoes", "a \"b\"", null, 3] }, "other": { "$ref": "#/properties/category" } } }
            """, "p.json");

        contract.EnumAt("/properties/category/enum").ShouldBe(["shoes", "a \"b\"", "3"]);
        contract.EnumAt("/properties/category").Count.ShouldBe(3);
        contract.EnumAt("/properties/other/enum").Count.ShouldBe(3);
        Should.Throw<ContractException>(() => contract.EnumAt("/properties/none/enum")).Message.ShouldContain("/properties/none/enum");
    }
}
