using System.Text.Json;

namespace Muster.Evals;

/// <summary>A line cannot be used; caught by the reader of the file, which goes on with the next line.</summary>
internal sealed class LineFaultException(string message, string hint) : Exception(message)
{
    public string Hint { get; } = hint;
}

/// <summary>Takes the fields of one JSON object, strictly typed; the first fault ends the line.</summary>
internal sealed class LineReader
{
    private readonly JsonElement json;
    private readonly string where;

    public LineReader(JsonElement json, string where, IReadOnlyList<string> known)
    {
        this.json = json;
        this.where = where;
        if (json.ValueKind != JsonValueKind.Object)
            throw new LineFaultException($"{where} is {Kind(json)}, not an object", $"Write it as {{…}} with the fields {string.Join(", ", known)}.");
        var seen = new HashSet<string>();
        foreach (var property in json.EnumerateObject())
        {
            if (!known.Contains(property.Name))
                throw new LineFaultException($"{where} has the unknown field {Excerpt.Quoted(property.Name)}.{Closest.Question(property.Name, known)}".TrimEnd('.'), $"Fields allowed here: {string.Join(", ", known)}.");
            if (!seen.Add(property.Name))
                throw new LineFaultException($"{where} has the field {Excerpt.Quoted(property.Name)} twice", "Remove one of them.");
        }
    }

    public JsonElement? Find(string name) => json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public JsonElement Take(string name) => Find(name) ?? throw new LineFaultException($"{where} lacks {Excerpt.Quoted(name)}", $"Add the field {name}.");

    public string? Text(string name) => Find(name) is { } value ? AsText(value, name) : null;

    public bool Flag(string name) => Find(name) is { } value
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value)
        : false;

    public double Number(string name, double absent, double max = double.MaxValue) => Find(name) is not { } value ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && number <= max ? number
        : throw Wrong(name, max < double.MaxValue ? $"a number from 0 to {max}" : "a number of at least 0", value);

    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(name, "a list of texts", value);
        return [.. value.EnumerateArray().Select(element => AsText(element, name))];
    }

    public IEnumerable<JsonProperty> Map(string name)
    {
        if (Find(name) is not { } value)
            yield break;
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(name, "an object", value);
        var seen = new HashSet<string>();
        foreach (var property in value.EnumerateObject())
        {
            if (!seen.Add(property.Name))
                throw new LineFaultException($"{where} has {Excerpt.Quoted(property.Name)} twice in {name}", "Remove one of them.");
            yield return property;
        }
    }

    public LineFaultException Wrong(string name, string expected, JsonElement found) =>
        new($"{where} has {Kind(found)} {Excerpt.Of(found.GetRawText(), 40)} for {name} where {expected} was expected", $"Write {name} as {expected}.");

    private string AsText(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(name, "text", value);
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new LineFaultException($"{where} has half of a surrogate pair in {name}", $"Write {name} as whole characters.");
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "the text",
        JsonValueKind.Number => "the number",
        JsonValueKind.Null => "null",
        _ => "the value",
    };
}
