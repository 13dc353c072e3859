using System.Text;
using System.Text.Json;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

/// <summary>The official JSON Schema test suite, required part of draft 2020-12.</summary>
public sealed class SuiteTests(ITestOutputHelper output)
{
    /// <summary>What a group may be refused for; docs/contract.md lists the same.</summary>
    private static readonly string[] MayBeRefused =
        ["unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$ref", "$schema", "unknown"];

    [Fact]
    public void Every_group_gives_the_expected_results_or_is_refused_by_name()
    {
        var wrong = new List<string>();
        var refused = new SortedDictionary<string, int>();
        int groups = 0, cases = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedData.Folder("json-schema-tests"), "tests", "draft2020-12"), "*.json").Order())
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var group in document.RootElement.EnumerateArray())
            {
                var title = $"{Path.GetFileName(file)}: {group.GetProperty("description").GetString()}";
                Contract contract;
                try
                {
                    contract = Contract.Compile(group.GetProperty("schema").GetRawText(), title);
                }
                catch (ContractException e)
                {
                    Refused(e, refused, wrong, title);
                    continue;
                }

                groups++;
                foreach (var example in group.GetProperty("tests").EnumerateArray())
                {
                    cases++;
                    var result = contract.Check(Encoding.UTF8.GetBytes(example.GetProperty("data").GetRawText()));
                    if (result.IsValid != example.GetProperty("valid").GetBoolean())
                    {
                        wrong.Add($"{title}: {example.GetProperty("description").GetString()}: {result}");
                    }
                }
            }
        }

        output.WriteLine($"{groups} groups and {cases} cases checked; refused: {string.Join(", ", refused.Select(pair => $"{pair.Key} {pair.Value}"))}");
        wrong.ShouldBeEmpty();
        groups.ShouldBeGreaterThan(250);
        cases.ShouldBeGreaterThan(900);
    }

    [Theory]
    [InlineData("""{"allOf":[SCHEMA,true]}""")]
    [InlineData("""{"anyOf":[false,SCHEMA]}""")]
    [InlineData("""{"oneOf":[SCHEMA,false]}""")]
    [InlineData("""{"not":{"not":SCHEMA}}""")]
    [InlineData("""{"if":SCHEMA,"then":true,"else":false}""")]
    [InlineData("""{"if":true,"then":SCHEMA}""")]
    public void A_combination_that_adds_nothing_changes_no_result(string around)
    {
        var wrong = new List<string>();
        var cases = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedData.Folder("json-schema-tests"), "tests", "draft2020-12"), "*.json").Order())
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var group in document.RootElement.EnumerateArray())
            {
                // References from the root would change their meaning, and refused schemas are judged above.
                var schema = group.GetProperty("schema").GetRawText();
                if (schema.Contains("Ref\"", StringComparison.OrdinalIgnoreCase) || schema.Contains("unevaluated", StringComparison.Ordinal)
                    || schema.Contains("metaschema", StringComparison.Ordinal))
                {
                    continue;
                }

                var contract = Contract.Compile(around.Replace("SCHEMA", schema, StringComparison.Ordinal), file);
                foreach (var example in group.GetProperty("tests").EnumerateArray())
                {
                    cases++;
                    if (contract.Check(Encoding.UTF8.GetBytes(example.GetProperty("data").GetRawText())).IsValid != example.GetProperty("valid").GetBoolean())
                    {
                        wrong.Add($"{contract.ApiSchemaJson}: {example}");
                    }
                }
            }
        }

        wrong.ShouldBeEmpty();
        cases.ShouldBeGreaterThan(700);
    }

    private static void Refused(ContractException e, SortedDictionary<string, int> refused, List<string> wrong, string title)
    {
        foreach (var fault in e.Faults)
        {
            var isRemote = fault.Keyword != "$ref" || fault.What.Contains("leaves the document", StringComparison.Ordinal);
            var name = Keywords.Find(fault.Keyword) is null ? "unknown" : fault.Keyword;
            if (!isRemote || !MayBeRefused.Contains(name))
            {
                wrong.Add($"{title}: {fault}");
            }
        }

        var first = e.Faults[0].Keyword;
        refused[first] = refused.GetValueOrDefault(first) + 1;
    }
}
