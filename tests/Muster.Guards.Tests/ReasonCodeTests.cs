using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Verdicts;

namespace Muster.Guards.Tests;

public sealed partial class ReasonCodeTests
{
    private static readonly Dictionary<string, string> Constants = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!);

    private static readonly IReadOnlyList<Code> Registry = Read();

    private static readonly string Product = string.Join('\n', Repository.Files
        .Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith("/Reasons.cs", StringComparison.Ordinal))
        .Select(Repository.Text));

    private sealed record Code(
        string Name, IReadOnlyList<string> Details, string Unit, IReadOnlyList<string> Fault, string Retry, string? Family, string Disposition, string Meaning);

    [Fact]
    public void The_registry_has_a_row_for_each_code_in_the_same_order()
    {
        Registry.Select(code => code.Name).ShouldBe(Constants.Values);
    }

    [Fact]
    public void Each_row_uses_the_registrys_words()
    {
        string[] faults = ["input", "job", "policy", "request", "platform", "pipeline", "account", "operator", "model", "contract", "semantic", "instrument",
            "systematic", "target", "source", "rollout", "route", "by_design", "person"];
        foreach (var code in Registry)
        {
            code.Unit.ShouldBeOneOf("row", "batch", "batch_or_row", "run");
            code.Retry.ShouldBeOneOf("none", "same", "changed", "later", "reconcile", "plan_again");
            code.Family.ShouldBeOneOf("contract", "infrastructure", "contract_or_infrastructure", "cost", null);
            code.Fault.ShouldNotBeEmpty();
            code.Fault.ShouldBeSubsetOf(faults);
            code.Disposition.ShouldNotBeNullOrWhiteSpace();
            code.Meaning.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void Each_code_is_produced_by_some_code_path()
    {
        Constants.Keys.Where(name => !Regex.IsMatch(Product, $@"\bReasons\.{name}\b")).ShouldBeEmpty();
    }

    [Fact]
    public void No_code_is_written_out_beside_the_constants()
    {
        Literal().Matches(Product).Select(match => match.Value).ShouldBeEmpty();
    }

    [Fact]
    public void Details_are_registered_and_registered_details_are_produced()
    {
        var attached = Detail().Matches(Product).Select(match => (Code: Constants[match.Groups[1].Value], Detail: match.Groups[2].Value)).Distinct();
        attached.Where(pair => !Registry.Single(code => code.Name == pair.Code).Details.Contains(pair.Detail)).ShouldBeEmpty("missing in reason-codes.json");

        var produced = from code in Registry
                       from detail in code.Details
                       where detail[0] != '<' && !Product.Contains($"\"{detail}\"", StringComparison.Ordinal) && !Product.Contains($".{detail}\"", StringComparison.Ordinal)
                       select $"{code.Name}.{detail}";
        produced.ShouldBeEmpty("nothing in src produces them");
    }

    [Fact]
    public void The_policy_blames_whom_the_registry_blames()
    {
        foreach (var cause in Enum.GetValues<Cause>().Where(cause => FailurePolicy.ReasonOf(cause).Length > 0))
        {
            var reason = FailurePolicy.ReasonOf(cause);
            Registry.Single(code => reason == code.Name || reason.StartsWith(code.Name + ".", StringComparison.Ordinal)).Fault
                .ShouldContain(JsonNamingPolicy.SnakeCaseLower.ConvertName(FailurePolicy.FaultOf(cause).ToString()), cause.ToString());
        }
    }

    private static IReadOnlyList<Code> Read()
    {
        using var embedded = typeof(Reasons).Assembly.GetManifestResourceStream("Muster.Verdicts.reason-codes.json");
        using var document = JsonDocument.Parse(embedded.ShouldNotBeNull("the registry is embedded"));
        return [.. document.RootElement.GetProperty("codes").EnumerateArray().Select(code => new Code(
            code.GetProperty("code").GetString()!, Words(code.GetProperty("details")), code.GetProperty("unit").GetString()!, Words(code.GetProperty("fault")),
            code.GetProperty("retry").GetString()!, code.GetProperty("family").GetString(), code.GetProperty("disposition").GetString()!,
            code.GetProperty("meaning").GetString()!))];
    }

    private static List<string> Words(JsonElement array) => [.. array.EnumerateArray().Select(word => word.GetString()!)];

    [GeneratedRegex("\"(?:REQ|API|GEN|SHP|BIZ|CMP|AGG|PRM|RTE|HUM|PIPELINE)\\.[A-Z_]+[^\"]*\"")]
    private static partial Regex Literal();

    [GeneratedRegex("Reasons\\.([A-Za-z]+)(?:\\}| \\+ \"|, \")\\.?([a-z_]+)(?=\")")]
    private static partial Regex Detail();
}
