using System.Text.Json;
using System.Text.Unicode;

namespace Muster.Sources;

/// <summary>Where one property's value lies in the record.</summary>
internal readonly record struct JsonValue(int Start, int Length, JsonTokenType Kind, bool Escaped)
{
    public static readonly JsonValue Missing = new(0, 0, JsonTokenType.None, Escaped: false);
}

/// <summary>Reads one line of JSONL: an object, its names all different on every level, its text all decodable.</summary>
internal static class JsonlRecord
{
    /// <summary>Why the record cannot be used, or null; <paramref name="take"/> may add its own reason.</summary>
    public static (string Detail, string Found)? Read(ReadOnlySpan<byte> record, Func<string, JsonValue, string?> take, HashSet<string> seen)
    {
        if (!Utf8.IsValid(record))
        {
            return ("bytes", RowBuilder.NotUtf8(record));
        }

        if (record.IndexOf((byte)0) is >= 0 and var nul)
        {
            return ("nul", $"a NUL at byte {nul + 1}");
        }

        try
        {
            var reader = new Utf8JsonReader(record);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return ("json", $"not a JSON object: {Excerpt.Of(record)}");
            }

            Forget(seen);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!seen.Add(name))
                {
                    return ("json", $"the property '{Excerpt.Of(name)}' is there twice");
                }

                reader.Read();
                var (start, kind, escaped) = ((int)reader.TokenStartIndex, reader.TokenType, reader.ValueIsEscaped);
                if (Pass(ref reader) is { } twice)
                {
                    return ("json", $"the property '{Excerpt.Of(twice)}' inside '{Excerpt.Of(name)}' is there twice");
                }

                if (take(name, new(start, (int)reader.BytesConsumed - start, kind, escaped)) is { } refused)
                {
                    return ("json", refused);
                }
            }

            // Whatever follows the object makes this throw.
            reader.Read();
            return null;
        }
        catch (JsonException broken)
        {
            var reason = broken.Message.Split(" LineNumber:", 2)[0];
            return ("json", $"not JSON at byte {broken.BytePositionInLine + 1}: {Excerpt.Of(reason, 160)}");
        }
        catch (InvalidOperationException)
        {
            return ("json", "a string holds half of a surrogate pair");
        }
    }

    /// <summary>The text of a string value, quotes included in <paramref name="value"/>.</summary>
    public static int Unescape(ReadOnlySpan<byte> value, Span<byte> into)
    {
        var reader = new Utf8JsonReader(value);
        reader.Read();
        return reader.CopyString(into);
    }

    // Clearing costs as much as the largest set it ever held; one giant record does not slow down all that follow.
    private static void Forget(HashSet<string> seen)
    {
        var many = seen.Count > 1_000;
        seen.Clear();
        if (many)
        {
            seen.TrimExcess();
        }
    }

    // Moves to the value's last token; a name that an object inside repeats is the answer.
    private static string? Pass(ref Utf8JsonReader reader)
    {
        Stack<HashSet<string>>? open = null;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    (open ??= new()).Push(new(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open!.Pop();
                    break;
                case JsonTokenType.PropertyName when reader.GetString() is { } name && !open!.Peek().Add(name):
                    return name;
                case JsonTokenType.String when reader.ValueIsEscaped:
                    // Decoded only to find half surrogate pairs, which throw.
                    _ = reader.GetString();
                    break;
                default:
                    break;
            }
        }
        while (open?.Count > 0 && reader.Read());
        return null;
    }
}
