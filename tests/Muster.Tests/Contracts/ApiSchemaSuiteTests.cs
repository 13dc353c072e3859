using System.Text;
using System.Text.Json;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

/// <summary>What must hold of every API copy, tried on each schema of the official suite that compiles.</summary>
public sealed class ApiSchemaSuiteTests
{
    private static readonly HashSet<string> Kept =
        [.. Keywords.All.Where(keyword => keyword.Api == ApiUse.Kept).Select(keyword => keyword.Name).Except(["allOf", "oneOf"])];

    [Fact]
    public void A_copy_is_a_schema_of_kept_keywords_and_deriving_it_again_changes_nothing()
    {
        foreach (var (title, contract, _) in Groups())
        {
            using var copy = JsonDocument.Parse(contract.ApiSchemaJson);
            CheckKeywords(copy.RootElement, title);
            Contract.Compile(contract.ApiSchemaJson, title).ApiSchemaJson.ShouldBe(contract.ApiSchemaJson, title);
        }
    }

    [Fact]
    public void A_copy_refuses_a_valid_value_only_for_an_unlisted_property()
    {
        var wrong = new List<string>();
        var values = 0;
        foreach (var (title, contract, group) in Groups())
        {
            var copy = Contract.Compile(contract.ApiSchemaJson, title);
            foreach (var example in group.GetProperty("tests").EnumerateArray().Where(example => example.GetProperty("valid").GetBoolean()))
            {
                values++;
                var result = copy.Check(Encoding.UTF8.GetBytes(example.GetProperty("data").GetRawText()));
                if (!result.IsValid && result.Keyword != "additionalProperties")
                {
                    wrong.Add($"{title}: {contract.ApiSchemaJson}: {example.GetProperty("data").GetRawText()}: {result.Message}");
                }
            }
        }

        values.ShouldBeGreaterThan(500);
        wrong.ShouldBeEmpty();
    }

    private static IEnumerable<(string Title, Contract Contract, JsonElement Group)> Groups()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedData.Folder("json-schema-tests"), "tests", "draft2020-12"), "*.json").Order())
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var group in document.RootElement.EnumerateArray())
            {
                var title = $"{Path.GetFileName(file)}: {group.GetProperty("description").GetString()}";
                if (Compile(group.GetProperty("schema").GetRawText(), title) is { } contract)
                {
                    yield return (title, contract, group);
                }
            }
        }
    }

    private static Contract? Compile(string schema, string title)
    {
        try
        {
            return Contract.Compile(schema, title);
        }
        catch (ContractException)
        {
            return null;
        }
    }

    private static void CheckKeywords(JsonElement schema, string title)
    {
        foreach (var member in schema.EnumerateObject())
        {
            Kept.ShouldContain(member.Name, title);
            switch (member.Name)
            {
                case "properties" or "$defs":
                    foreach (var child in member.Value.EnumerateObject())
                    {
                        CheckKeywords(child.Value, title);
                    }

                    break;
                case "anyOf":
                    foreach (var child in member.Value.EnumerateArray())
                    {
                        CheckKeywords(child, title);
                    }

                    break;
                case "items":
                    CheckKeywords(member.Value, title);
                    break;
                case "additionalProperties":
                    member.Value.ValueKind.ShouldBe(JsonValueKind.False, title);
                    break;
                case "minItems":
                    member.Value.GetInt32().ShouldBeInRange(0, 1, title);
                    break;
            }
        }
    }
}
