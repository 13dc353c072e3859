using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Muster.Claude;

/// <summary>Writes prices in the form that <see cref="PriceFile"/> reads: what a cost was counted with can be counted with again.</summary>
internal static class PriceFileWriter
{
    private static readonly JsonWriterOptions Form = new() { Indented = true };

    public static string ToJson(PriceFile file, IEnumerable<ModelFacts> models)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Form))
        {
            json.WriteStartObject();
            json.WriteString("as_of", file.AsOf.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("currency", "USD");
            json.WriteString("unit", "per_million_tokens");
            json.WriteNumber("batch_multiplier", file.BatchMultiplier);
            json.WriteNumber("us_multiplier", file.UsMultiplier);
            json.WriteNumber("web_search_each", file.WebSearchEach);
            json.WriteStartArray("models");
            foreach (var model in models)
                Model(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }

    private static void Model(Utf8JsonWriter json, ModelFacts model)
    {
        json.WriteStartObject();
        json.WriteString("id", model.Id);
        if (model.Aliases.Count > 0)
        {
            json.WriteStartArray("aliases");
            foreach (var alias in model.Aliases)
                json.WriteStringValue(alias);
            json.WriteEndArray();
        }

        Rates(json, model.Rates);
        if (model.ReadBefore.Count > 0)
        {
            json.WriteStartObject("read_before");
            foreach (var (day, rate) in model.ReadBefore.OrderBy(pair => pair.Key))
                json.WriteNumber(day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), rate);
            json.WriteEndObject();
        }

        if (model is { AboveTokens: { } above, RatesAbove: { } rates })
        {
            json.WriteStartObject("above");
            json.WriteNumber("prompt_tokens", above);
            Rates(json, rates);
            json.WriteEndObject();
        }

        if (model.ContextTokens is { } context)
            json.WriteNumber("context", context);
        if (model.MaxOutputTokens is { } most)
            json.WriteNumber("max_output", most);
        if (model.HasUsRate)
            json.WriteBoolean("us", true);
        json.WriteEndObject();
    }

    private static void Rates(Utf8JsonWriter json, ModelRates rates)
    {
        json.WriteNumber("input", rates.Input);
        json.WriteNumber("output", rates.Output);
        json.WriteNumber("write_5m", rates.Write5m);
        json.WriteNumber("write_1h", rates.Write1h);
        json.WriteNumber("read", rates.Read);
    }
}
