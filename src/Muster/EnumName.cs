namespace Muster;

/// <summary>How the name of a state or kind is written.</summary>
internal static class EnumName
{
    /// <summary>For programs: <c>HumanQueued</c> is <c>human_queued</c>.</summary>
    public static string Snake<T>(T value) where T : struct, Enum => Apart(value.ToString(), '_');

    /// <summary>For people: <c>HumanQueued</c> is <c>human queued</c>.</summary>
    public static string Words<T>(T value) where T : struct, Enum => Apart(value.ToString(), ' ');

    private static string Apart(string name, char between) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? between.ToString() : "") + char.ToLowerInvariant(c) : c.ToString()));
}
