using System.Globalization;
using System.Text.Json;

namespace Muster.Claude;

/// <summary>Reads a price file strictly: a field that is unknown, missing or of the wrong type is a fault, so no price is 0 by accident.</summary>
internal sealed class PriceFileReader
{
    private const decimal MaxUsdPerMillion = 100_000m;
    private static readonly string[] RateFields = ["input", "output", "write_5m", "write_1h", "read"];
    private static readonly string[] FileFields = ["as_of", "currency", "unit", "batch_multiplier", "us_multiplier", "web_search_each", "models"];

    private static readonly string[] ModelFields =
    [
        "id", "aliases", .. RateFields, "read_before", "above", "context", "max_output", "min_cacheable", "us", "thinks_by_default",
        "always_thinks", "new_tokenizer", "thinking_budget", "forced_tools", "retires", "retires_not_before", "note",
    ];

    private readonly List<string> faults = [];

    public IReadOnlyList<string> Faults => faults;

    public PriceFile Read(JsonElement root)
    {
        if (!IsObject(root, "the file"))
        {
            return new PriceFile(default, []);
        }

        RefuseUnknown(root, "the file", FileFields);
        Expect(root, "currency", "USD");
        Expect(root, "unit", "per_million_tokens");
        var asOf = Day(root, "as_of", "as_of") ?? Missing<DateOnly>("as_of", "a day such as 2026-11-20");
        return new PriceFile(asOf, Models(root))
        {
            BatchMultiplier = Number(root, "batch_multiplier", "batch_multiplier", 10m) ?? 0.5m,
            UsMultiplier = Number(root, "us_multiplier", "us_multiplier", 10m) ?? 1.1m,
            WebSearchEach = Number(root, "web_search_each", "web_search_each", 100m) ?? 0.01m,
        };
    }

    private List<ModelFacts> Models(JsonElement root)
    {
        var models = new List<ModelFacts>();
        if (!root.TryGetProperty("models", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            faults.Add("models: expected a list");
            return models;
        }

        foreach (var element in list.EnumerateArray())
        {
            if (IsObject(element, $"models[{models.Count}]"))
            {
                models.Add(Model(element, $"models[{models.Count}]"));
            }
        }

        foreach (var name in models.SelectMany(m => m.Aliases.Prepend(m.Id)).GroupBy(name => name).Where(g => g.Count() > 1))
        {
            faults.Add($"models: {name.Key} is named {name.Count()} times");
        }

        return models;
    }

    private ModelFacts Model(JsonElement model, string at)
    {
        RefuseUnknown(model, at, ModelFields);
        var above = model.TryGetProperty("above", out var element) && IsObject(element, $"{at}.above") ? element : (JsonElement?)null;
        if (above is { } part)
        {
            RefuseUnknown(part, $"{at}.above", ["prompt_tokens", .. RateFields]);
        }

        return new ModelFacts(Text(model, "id", at) ?? Missing<string>($"{at}.id", "a model id"), Rates(model, at))
        {
            Aliases = Texts(model, "aliases", at),
            ReadBefore = ReadBefore(model, at),
            AboveTokens = above is null ? null : Count(above.Value, "prompt_tokens", $"{at}.above") ?? Missing<int>($"{at}.above.prompt_tokens", "a number of tokens"),
            RatesAbove = above is null ? null : Rates(above.Value, $"{at}.above"),
            ContextTokens = Count(model, "context", at),
            MaxOutputTokens = Count(model, "max_output", at),
            MinCacheableTokens = Count(model, "min_cacheable", at),
            HasUsRate = Flag(model, "us", at) ?? false,
            ThinksByDefault = Flag(model, "thinks_by_default", at) ?? false,
            AlwaysThinks = Flag(model, "always_thinks", at) ?? false,
            HasNewTokenizer = Flag(model, "new_tokenizer", at) ?? false,
            TakesThinkingBudget = Flag(model, "thinking_budget", at) ?? true,
            TakesForcedTools = Flag(model, "forced_tools", at) ?? true,
            Retires = Day(model, "retires", $"{at}.retires"),
            RetiresNotBefore = Day(model, "retires_not_before", $"{at}.retires_not_before"),
            Note = Text(model, "note", at),
        };
    }

    private ModelRates Rates(JsonElement from, string at)
    {
        var rates = RateFields.Select(name => Number(from, name, $"{at}.{name}", MaxUsdPerMillion)
            ?? Missing<decimal>($"{at}.{name}", "US dollars per million tokens")).ToList();
        return new ModelRates(rates[0], rates[1], rates[2], rates[3], rates[4]);
    }

    private Dictionary<DateOnly, decimal> ReadBefore(JsonElement model, string at)
    {
        var rates = new Dictionary<DateOnly, decimal>();
        if (!model.TryGetProperty("read_before", out var element) || !IsObject(element, $"{at}.read_before"))
        {
            return rates;
        }

        foreach (var name in element.EnumerateObject().Select(property => property.Name))
        {
            var day = ParseDay(name, $"{at}.read_before");
            var rate = Number(element, name, $"{at}.read_before.{name}", MaxUsdPerMillion);
            if (day is not null && rate is not null)
            {
                rates[day.Value] = rate.Value;
            }
        }

        return rates;
    }

    private decimal? Number(JsonElement from, string name, string field, decimal max)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= 0 && number <= max)
        {
            return number;
        }

        faults.Add($"{field}: expected a number from 0 to {max}, found {Found(value)}");
        return 0;
    }

    private int? Count(JsonElement from, string name, string at)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count > 0)
        {
            return count;
        }

        faults.Add($"{at}.{name}: expected a number of tokens, found {Found(value)}");
        return 0;
    }

    private bool? Flag(JsonElement from, string name, string at)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            faults.Add($"{at}.{name}: expected true or false, found {Found(value)}");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    private string? Text(JsonElement from, string name, string at)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        faults.Add($"{at}.{name}: expected text, found {Found(value)}");
        return "";
    }

    private List<string> Texts(JsonElement from, string name, string at)
    {
        if (!Has(from, name, out var value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(e => e.GetString()!)];
        }

        faults.Add($"{at}.{name}: expected a list of texts, found {Found(value)}");
        return [];
    }

    private DateOnly? Day(JsonElement from, string name, string field)
    {
        if (!Has(from, name, out var value))
        {
            return null;
        }

        return ParseDay(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), field);
    }

    private DateOnly? ParseDay(string text, string field)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        faults.Add($"{field}: expected a day such as 2026-11-20, found {Excerpt.Quoted(text)}");
        return default(DateOnly);
    }

    private void Expect(JsonElement root, string name, string only)
    {
        if (Has(root, name, out var value) && !(value.ValueKind == JsonValueKind.String && value.ValueEquals(only)))
        {
            faults.Add($"{name}: only {only} is known, found {Found(value)}");
        }
    }

    private void RefuseUnknown(JsonElement from, string at, string[] known)
    {
        foreach (var name in from.EnumerateObject().Select(property => property.Name).Where(name => !known.Contains(name)))
        {
            faults.Add($"{at}: unknown field {Excerpt.Quoted(name)}.{Closest.Question(name, known)}");
        }
    }

    private bool IsObject(JsonElement element, string at)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        faults.Add($"{at}: expected an object, found {Found(element)}");
        return false;
    }

    private T Missing<T>(string field, string expected)
    {
        faults.Add($"{field}: is missing; expected {expected}");
        return default!;
    }

    private static bool Has(JsonElement from, string name, out JsonElement value) =>
        from.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static string Found(JsonElement value) => Excerpt.Quoted(value.GetRawText());
}
