using System.Globalization;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class ContractDocTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(SharedData.Root(), "docs", "contract.md"));

    [Fact]
    public void The_document_lists_the_keywords_of_the_code_and_no_others()
    {
        var rows = Text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();

        rows.ShouldBe(Keywords.All.Select(Row));
    }

    [Fact]
    public void The_document_names_the_limits()
    {
        Text.ShouldContain($"{ContractRun.MaxDepth} levels");
        Text.ShouldContain($"{ContractRun.BaseSteps.ToString("N0", CultureInfo.InvariantCulture)} steps and {ContractRun.StepsPerByte} more for each byte");
        Text.ShouldContain($"{SchemaLinks.MaxChain} schemas");
        Text.ShouldContain($"{ContractRun.MaxBytes / 1024 / 1024} MiB");
    }

    private static string Row(Keyword keyword)
    {
        var note = keyword.Note.Length == 0 ? "" : $" {keyword.Note} |";
        return keyword.Use == KeywordUse.Unsupported
            ? $"| `{keyword.Name}` |{note}"
            : $"| `{keyword.Name}` | {Use(keyword.Use)} | {Api(keyword)} |";
    }

    private static string Use(KeywordUse use) => use switch
    {
        KeywordUse.Core => "structure",
        KeywordUse.Check => "checked",
        _ => "annotation",
    };

    private static string Api(Keyword keyword)
    {
        var use = keyword.Api switch { ApiUse.Kept => "kept", ApiUse.Spoken => "spoken", _ => "dropped" };
        return keyword.Note.Length == 0 ? use : $"{use}; {keyword.Note}";
    }
}
