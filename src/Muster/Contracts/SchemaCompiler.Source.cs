using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Muster.Contracts;

internal sealed partial class SchemaCompiler
{
    /// <summary>The keywords of one schema object, read by the shape that each must have; a wrong shape is a fault and reads as absent.</summary>
    private sealed partial class Source(SchemaCompiler compiler, JsonElement element, string pointer, SchemaScope scope)
    {
        public JsonElement Element => element;

        public string Pointer => pointer;

        public SchemaScope Scope => scope;

        public bool Has(string keyword) => element.TryGetProperty(keyword, out _);

        public SchemaNode Sub(string keyword) =>
            compiler.Schema(element.GetProperty(keyword), JsonPointer.Under(pointer, keyword), scope);

        public SchemaNode Sub(string keyword, string name) =>
            compiler.Schema(element.GetProperty(keyword).GetProperty(name), JsonPointer.Under(JsonPointer.Under(pointer, keyword), name), scope);

        public SchemaNode? SubOrNull(string keyword) => Has(keyword) ? Sub(keyword) : null;

        /// <summary>The names under a keyword whose value maps names to schemas.</summary>
        public IReadOnlyList<string> Map(string keyword)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return [];
            }

            if (value.ValueKind != JsonValueKind.Object)
            {
                Wrong(keyword, value, "an object of schemas");
                return [];
            }

            return [.. value.EnumerateObject().Select(member => member.Name)];
        }

        public SchemaNode[]? List(string keyword)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return null;
            }

            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            {
                Wrong(keyword, value, "a list of at least one schema");
                return null;
            }

            var under = JsonPointer.Under(pointer, keyword);
            return [.. value.EnumerateArray().Select((item, index) => compiler.Schema(item, JsonPointer.Under(under, index), scope))];
        }

        public string? Text(string keyword)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String)
            {
                return value.GetString();
            }

            Wrong(keyword, value, "a string");
            return null;
        }

        public bool Flag(string keyword)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return false;
            }

            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                Wrong(keyword, value, "true or false");
            }

            return value.ValueKind == JsonValueKind.True;
        }

        public int Count(string keyword, int otherwise)
        {
            if (!element.TryGetProperty(keyword, out var value))
            {
                return otherwise;
            }

            if (value.ValueKind == JsonValueKind.Number)
            {
                var number = new JsonNumber(Encoding.UTF8.GetBytes(value.GetRawText()));
                if (number is { IsInteger: true, IsNegative: false })
                {
                    // A length beyond int never occurs, so the nearest int decides alike.
                    return value.TryGetDecimal(out var count) && count <= int.MaxValue ? (int)count : int.MaxValue;
                }
            }

            Wrong(keyword, value, "a whole number of at least 0");
            return otherwise;
        }

        public IReadOnlyList<string> Names(string keyword, JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            {
                Wrong(keyword, value, "a list of property names");
                return [];
            }

            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        public JsonTypes Types()
        {
            if (!element.TryGetProperty("type", out var value))
            {
                return JsonTypes.Any;
            }

            var types = JsonTypes.None;
            foreach (var name in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : (JsonElement[])[value])
            {
                types |= name.ValueKind == JsonValueKind.String ? TypeNamed(name.GetString()!) : JsonTypes.None;
                if (name.ValueKind != JsonValueKind.String || TypeNamed(name.GetString()!) == JsonTypes.None)
                {
                    Wrong("type", name, "one or more of null, boolean, object, array, string, number and integer");
                }
            }

            if (types == JsonTypes.None && value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
            {
                Wrong("type", value, "one or more of null, boolean, object, array, string, number and integer");
            }

            return types;
        }

        public ValueSet? Enum()
        {
            var value = element.GetProperty("enum");
            if (value.ValueKind == JsonValueKind.Array)
            {
                return Values([.. value.EnumerateArray()]);
            }

            Wrong("enum", value, "a list of values");
            return null;
        }

        public SchemaPattern? Pattern(string keyword, string? source)
        {
            if (source is null)
            {
                return null;
            }

            try
            {
                return new SchemaPattern(source, EcmaPattern.Compile(source));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                compiler.Fault(pointer, keyword, $"the {keyword} {Excerpt.Quoted(source)} cannot be used: {Excerpt.Of(e.Message)}",
                    "Write it without look-around, back-references and counts in the hundreds; a length belongs in minLength and maxLength.");
                return null;
            }
        }

        private void Wrong(string keyword, JsonElement value, string wanted) =>
            compiler.Fault(pointer, keyword, $"{keyword} is {wanted}, not {Excerpt.Of(value.GetRawText())}.", $"Correct {keyword}.");

        private static JsonTypes TypeNamed(string name) => name switch
        {
            "null" => JsonTypes.Null,
            "boolean" => JsonTypes.Boolean,
            "object" => JsonTypes.Object,
            "array" => JsonTypes.Array,
            "string" => JsonTypes.String,
            "number" => JsonTypes.Number,
            "integer" => JsonTypes.Integer,
            _ => JsonTypes.None,
        };
    }

    private static ValueSet Values(IReadOnlyList<JsonElement> values)
    {
        var strings = values.Where(value => value.ValueKind == JsonValueKind.String).Select(value => Encoding.UTF8.GetBytes(value.GetString()!));
        var others = values.Where(value => value.ValueKind is JsonValueKind.Number or JsonValueKind.Array or JsonValueKind.Object)
            .Select(value => CanonicalJson.Of(Encoding.UTF8.GetBytes(value.GetRawText())));
        return new ValueSet
        {
            Strings = new Utf8Names([.. strings]),
            Others = new Utf8Names([.. others]),
            Null = values.Any(value => value.ValueKind == JsonValueKind.Null),
            True = values.Any(value => value.ValueKind == JsonValueKind.True),
            False = values.Any(value => value.ValueKind == JsonValueKind.False),
            Texts = [.. values.Select(value => value.ValueKind == JsonValueKind.String ? $"\"{value.GetString()}\"" : value.GetRawText())],
            Plain =
            [
                .. values.Where(value => value.ValueKind != JsonValueKind.Null)
                    .Select(value => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()),
            ],
        };
    }
}
