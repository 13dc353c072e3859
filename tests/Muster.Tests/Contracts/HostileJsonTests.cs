using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class HostileJsonTests
{
    private static readonly Contract Anything = Contract.Compile("true", "any.json");

    [Fact]
    public void Texts_that_must_be_JSON_are_and_others_are_not()
    {
        var seen = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedData.Folder("hostile"), "json-parsing")).Order())
        {
            var name = Path.GetFileName(file);
            var result = Anything.Check(File.ReadAllBytes(file));
            seen++;
            switch (name[0])
            {
                case 'y' when name.StartsWith("y_object_duplicated_key", StringComparison.Ordinal):
                    result.Keyword.ShouldBe("duplicate", name);
                    break;
                case 'y':
                    result.IsValid.ShouldBeTrue(name);
                    break;
                case 'n':
                    result.Kind.ShouldBe(ContractResultKind.NotJson, name);
                    break;
            }
        }

        seen.ShouldBeGreaterThan(250);
    }

    [Fact]
    public void Naughty_strings_pass_as_values_and_are_shown_on_one_line()
    {
        var closed = Contract.Compile("""{ "enum": ["only this"] }""", "c.json");
        var sized = Contract.Compile("""{ "type": "string", "maxLength": 2000, "pattern": "^[^\\u0000]*$" }""", "c.json");
        using var strings = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.Folder("hostile"), "blns.json")));
        foreach (var item in strings.RootElement.EnumerateArray())
        {
            var text = Encoding.UTF8.GetBytes(item.GetRawText());
            sized.Check(text).IsValid.ShouldBeTrue(item.GetRawText());
            var refused = closed.Check(text);
            refused.Kind.ShouldBe(ContractResultKind.EnumUnknown);
            refused.Message.ShouldNotContain('\n');
            refused.Message.Length.ShouldBeLessThan(400);
        }
    }

    [Fact]
    public void Damaged_texts_are_JSON_exactly_when_a_document_can_be_made_of_them()
    {
        var contract = Contract.Compile("""
            { "properties": { "a": { "uniqueItems": true, "contains": { "type": "null" } }, "b": { "anyOf": [ { "maxLength": 3 }, { "minimum": 1 } ] } },
              "patternProperties": { "c.*": { "enum": [ { "x": [1, 2] }, "é" ] } }, "propertyNames": { "maxLength": 9 }, "maxProperties": 3 }
            """, "s.json");
        var healthy = """{"a":[null,1,"\ud83d\ude00",{"x":[1,2]}],"b":"\u00e9\ud800","c\n1":{"x":[1.0,2e0]},"z":[true,false,-0.5e-7]}""";
        var edits = from at in Gen.Choose(0, healthy.Length - 1)
                    from length in Gen.Choose(0, 4)
                    from put in Gen.Elements("", ",", "\"", "\\", "}", "]", "{", "[", "\\u12", "\\udc00", "e", "-", "0", "nul", "\u0001", "é", "\"a\":1,", ":")
                    select healthy[..at] + put + healthy[Math.Min(healthy.Length, at + length)..];

        Prop.ForAll(edits.ToArbitrary(), text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var result = contract.Check(bytes);
            (result.Kind != ContractResultKind.NotJson).ShouldBe(IsJson(bytes), text);
            contract.Check(bytes).ShouldBe(result);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var contract = Contract.Compile("""{ "items": { "type": "string" }, "uniqueItems": true, "not": { "const": [] } }""", "s.json");

        Prop.ForAll<byte[]>(bytes => contract.Check(bytes).Kind.ShouldBeOneOf(Enum.GetValues<ContractResultKind>()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));
    }

    private static bool IsJson(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
