using System.Reflection;
using System.Text.Json;
using Muster.Verdicts;

namespace Muster.Review;

/// <summary>What a person may do about a reason, from the registry's <c>fault</c> and <c>retry</c>.</summary>
internal static class ReasonActions
{
    private static readonly Dictionary<string, string> ByCode = Read();

    /// <param name="reason">A code with or without its detail.</param>
    public static string Of(string reason) => ByCode.GetValueOrDefault(Reasons.WithoutDetail(reason).ToString(), Unknown);

    private const string Unknown = "Look at the rows.";

    private static Dictionary<string, string> Read()
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("Muster.Verdicts.reason-codes.json")
            ?? throw new InvalidOperationException("No embedded reason-codes.json.");
        using var registry = JsonDocument.Parse(file);
        return registry.RootElement.GetProperty("codes").EnumerateArray().ToDictionary(
            code => code.GetProperty("code").GetString()!,
            code => Action(code.GetProperty("fault")[0].GetString()!, code.GetProperty("retry").GetString()!));
    }

    private static string Action(string fault, string retry) => (fault, retry) switch
    {
        ("input", _) => "Correct these rows in the source and run again.",
        ("source", _) => "The source changed; run again.",
        ("target", _) => "Look at the target's rows, then plan the promotion again.",
        ("job", _) => "Correct the prompt or the source and run again.",
        ("request", _) => "Change the job's request (model, max_tokens, params) and run again.",
        ("model", "changed") => "Change the prompt or the contract, or add a larger tier, and run again.",
        ("model", "same") => "Ask again, or add a larger tier.",
        ("model", _) => "Have a person decide.",
        ("platform", _) => "Run again: the platform failed these rows.",
        _ => Unknown,
    };
}
