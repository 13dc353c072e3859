using System.Globalization;
using System.Text.Json;

namespace Muster.Jobs;

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    public static bool IsValid(string pointer) => (pointer.Length == 0 || pointer[0] == '/')
        && !pointer.Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal).Contains('~');

    public static JsonElement? Find(JsonElement root, string pointer)
    {
        if (!IsValid(pointer))
        {
            return null;
        }

        var at = root;
        foreach (var raw in pointer.Split('/').Skip(1))
        {
            if (Child(at, raw.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)) is not { } child)
            {
                return null;
            }

            at = child;
        }

        return at;
    }

    private static JsonElement? Child(JsonElement at, string name)
    {
        if (at.ValueKind == JsonValueKind.Object)
        {
            return at.TryGetProperty(name, out var property) ? property : null;
        }

        var isIndex = at.ValueKind == JsonValueKind.Array && (name == "0" || (name.Length > 0 && name[0] != '0'));
        return isIndex && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength() ? at[index] : null;
    }
}
