using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Muster.Simulator.Faults;

/// <summary>The JSON form of a plan: unknown keys, unknown outcomes and shares outside 0–1 are refused by name.</summary>
internal static class FaultPlanFile
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static FaultPlan Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(
                json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            CheckKeys(document.RootElement, typeof(FaultPlan), "");
            var plan = document.RootElement.Deserialize<FaultPlan>(Form)
                ?? throw new SimulatorException("The fault plan is null.", "Write {} for a plan without faults.");
            Check(plan);
            return plan;
        }
        catch (JsonException e)
        {
            throw new SimulatorException($"The fault plan is not valid: {e.Message}", "See docs/simulator.md for its form.", e);
        }
    }

    public static string Write(FaultPlan plan) => JsonSerializer.Serialize(plan, Form);

    public static void Check(FaultPlan plan)
    {
        foreach (var (name, share) in plan.Rates)
        {
            CheckOutcome(name, $"rates.{name}");
            CheckShare(share, $"rates.{name}");
        }

        foreach (var rule in plan.Rows)
        {
            CheckOutcome(rule.Outcome, "rows[].outcome");
        }

        foreach (var model in plan.Models)
        {
            CheckShare(model.Broken, "models[].broken");
            CheckShare(model.Violation, "models[].violation");
            CheckShare(model.Wrong, "models[].wrong");
            CheckShare(model.Refusal, "models[].refusal");
            CheckShare(model.Truncated, "models[].truncated");
        }

        foreach (var call in plan.Calls)
        {
            CheckShare(call.Probability, "calls[].probability");
            if (!CallNames.All.Contains(call.Endpoint))
            {
                throw new SimulatorException(
                    $"calls[].endpoint is \"{call.Endpoint}\".", $"Known endpoints: {string.Join(", ", CallNames.All)}.");
            }
        }
    }

    private static void CheckKeys(JsonElement element, Type type, string at)
    {
        var info = Form.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Object && element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                var known = info.Properties.FirstOrDefault(p => p.Name == property.Name)
                    ?? throw new SimulatorException(
                        $"The fault plan has an unknown key \"{at}{property.Name}\".",
                        $"Known keys there: {string.Join(", ", info.Properties.Select(p => p.Name))}.");
                CheckKeys(property.Value, known.PropertyType, $"{at}{property.Name}.");
            }
        }
        else if (info.Kind == JsonTypeInfoKind.Enumerable && element.ValueKind == JsonValueKind.Array
            && typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType)
        {
            foreach (var entry in element.EnumerateArray())
            {
                CheckKeys(entry, type.GetGenericArguments()[0], at.TrimEnd('.') + "[].");
            }
        }
    }

    private static void CheckOutcome(string name, string at)
    {
        if (RowFates.Parse(name) is null)
        {
            throw new SimulatorException($"{at}: there is no outcome \"{name}\".", $"Known outcomes: {string.Join(", ", RowFates.Names)}.");
        }
    }

    private static void CheckShare(double share, string at)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new SimulatorException($"{at} is {share}.", "A share is a number from 0 to 1.");
        }
    }
}
