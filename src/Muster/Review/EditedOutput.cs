using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Muster.Review;

/// <summary>An answer as a person changes it. Pure.</summary>
internal static class EditedOutput
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    /// <summary>For an editor; text that is no JSON stays as it is.</summary>
    public static string ForEditing(ReadOnlySpan<byte> output)
    {
        try
        {
            return output.IsEmpty ? "{}" : JsonNode.Parse(output)?.ToJsonString(Indented) ?? "null";
        }
        catch (JsonException)
        {
            return System.Text.Encoding.UTF8.GetString(output);
        }
    }

    /// <summary>The text without what an editor put between its tokens; null when it is no JSON, which the contract says in its own words.</summary>
    public static byte[] Compacted(ReadOnlySpan<byte> edited)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(edited), Compact);
        }
        catch (JsonException)
        {
            return edited.ToArray();
        }
    }

    /// <summary>Sets values at pointers: <c>/category=Shoes</c>, <c>/features=["a"]</c>. What is no JSON value is taken for text.</summary>
    /// <exception cref="ReviewException">A setting has no pointer, or leads through something that is no object or array.</exception>
    public static byte[] Set(ReadOnlySpan<byte> output, IEnumerable<string> settings)
    {
        JsonNode? root;
        try
        {
            root = output.IsEmpty ? new JsonObject() : JsonNode.Parse(output);
        }
        catch (JsonException)
        {
            throw new ReviewException(ReviewRefusal.Contract, "The answer is no JSON, so no value of it can be set.", "Give the whole output with --edit FILE.");
        }

        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            if (at < 0 || setting is not ['/', ..])
                throw Bad(setting, "is not a pointer and a value");
            try
            {
                root = Put(root, setting[..at], Value(setting[(at + 1)..]), setting);
            }
            catch (ArgumentException)
            {
                throw Bad(setting, "leads into an object that has a name twice");
            }
        }

        return JsonSerializer.SerializeToUtf8Bytes(root, Compact);
    }

    private static JsonNode? Put(JsonNode? root, string pointer, JsonNode? value, string setting)
    {
        if (!Jobs.JsonPointer.IsValid(pointer))
            throw Bad(setting, "has no valid JSON pointer");
        var names = pointer.Split('/')[1..].Select(name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        var at = root;
        for (var i = 0; i < names.Length; i++)
        {
            var isLast = i == names.Length - 1;
            switch (at)
            {
                case JsonObject map when isLast:
                    map[names[i]] = value;
                    break;
                case JsonObject map:
                    at = map[names[i]] ??= new JsonObject();
                    break;
                case JsonArray list when int.TryParse(names[i], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) && index <= list.Count:
                    if (index == list.Count)
                        list.Add(null);
                    if (isLast)
                        list[index] = value;
                    else
                        at = list[index] ??= new JsonObject();
                    break;
                default:
                    throw Bad(setting, $"leads through /{string.Join('/', names[..i])}, which holds no such part");
            }
        }

        return root;
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static ReviewException Bad(string setting, string what) => new(
        ReviewRefusal.Contract, $"--set {Excerpt.Quoted(setting)} {what}.", "Write --set /pointer=value, for example --set /category=Shoes or --set '/tags=[\"a\"]'.");
}
