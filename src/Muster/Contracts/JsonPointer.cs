namespace Muster.Contracts;

internal static class JsonPointer
{
    public static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/') < 0 ? name : name.Replace("~", "~0").Replace("/", "~1");

    public static string Under(string pointer, string name) => $"{pointer}/{Escape(name)}";

    public static string Under(string pointer, int index) => $"{pointer}/{index}";
}
