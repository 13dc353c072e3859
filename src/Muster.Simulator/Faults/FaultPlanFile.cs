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
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutDefaults } },
    };

    /// <summary>What is as in an empty plan is not written, so that a printed plan says what it does.</summary>
    private static void LeaveOutDefaults(JsonTypeInfo info)
    {
        if (info.Kind != JsonTypeInfoKind.Object || info.Type.GetConstructor(Type.EmptyTypes) is not { } make)
        {
            return;
        }

        var plain = make.Invoke(null);
        foreach (var property in info.Properties)
        {
            if (property.Get is { } get)
            {
                var usual = get(plain);
                property.ShouldSerialize = (_, value) => value is ICollection collection ? collection.Count > 0 : !Equals(value, usual);
            }
        }
    }

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
            CheckAmount(rule.Times, "rows[].times");
        }

        CheckAmount(plan.NotFoundAfterCreateSeconds, "not_found_after_create_seconds");
        CheckAmount(plan.NotFoundAfterEndSeconds, "not_found_after_end_seconds");
        CheckAmount(plan.AppearsAfterSeconds, "appears_after_seconds");
        CheckAmount(plan.TakesSeconds ?? 0, "takes_seconds");
        CheckAmount(plan.Lines.Extra, "lines.extra");
        CheckAmount(plan.Lines.Downloads, "lines.downloads");
        foreach (var (name, share) in LineShares(plan.Lines))
        {
            CheckShare(share, $"lines.{name}");
        }

        var total = plan.Rates.Values.Sum();
        if (total > 1)
        {
            throw new SimulatorException($"rates add up to {total}.", "One row has one outcome: let the shares add up to 1 at most.");
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
            CheckCall(call);
        }
    }

    /// <exception cref="SimulatorException">The fault cannot be applied; the message names the key.</exception>
    public static CallFault ParseCall(string json)
    {
        var plan = Parse($$"""{"calls":[{{json}}]}""");
        return plan.Calls is [var call]
            ? call
            : throw new SimulatorException($"{plan.Calls.Count} faults were given.", "Inject one fault at a time, as one JSON object.");
    }

    private static void CheckCall(CallFault call)
    {
        CheckShare(call.Probability, "calls[].probability");
        CheckAmount(call.First, "calls[].first");
        CheckAmount(call.Every, "calls[].every");
        CheckAmount(call.Seconds, "calls[].seconds");
        CheckAmount(call.AfterLines, "calls[].after_lines");
        if (call.Nth.Any(n => n < 1))
        {
            throw new SimulatorException("calls[].nth holds a number below 1.", "Calls are counted from 1.");
        }

        if (call.Fault is CallFaultKind.Status or CallFaultKind.StatusAfter && call.Status is (< 400 or > 599))
        {
            throw new SimulatorException($"calls[].status is {call.Status}.", "Give a status from 400 to 599.");
        }

        if (!CallNames.All.Contains(call.Endpoint))
        {
            throw new SimulatorException(
                $"calls[].endpoint is \"{call.Endpoint}\".", $"Known endpoints: {string.Join(", ", CallNames.All)}.");
        }
    }

    private static IEnumerable<(string Name, double Share)> LineShares(LineFaults lines) =>
    [
        ("missing", lines.Missing), ("duplicate", lines.Duplicate), ("swapped", lines.Swapped), ("garbage", lines.Garbage), ("blank", lines.Blank),
        ("unknown_type", lines.UnknownType), ("flat_error", lines.FlatError), ("new_fields", lines.NewFields),
    ];

    private static void CheckAmount(double amount, string at)
    {
        if (!(amount is >= 0 and <= 1e9))
        {
            throw new SimulatorException($"{at} is {amount}.", "Give a number from 0 to 1,000,000,000.");
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
