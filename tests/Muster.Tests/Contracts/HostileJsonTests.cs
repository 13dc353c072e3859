using System.Text;
using System.Text.Json;
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
}
