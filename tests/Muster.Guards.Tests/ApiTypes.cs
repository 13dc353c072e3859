using System.Reflection;

namespace Muster.Guards.Tests;

/// <summary>Types as C# writes them.</summary>
internal static class ApiTypes
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(char)] = "char", [typeof(decimal)] = "decimal",
        [typeof(double)] = "double", [typeof(float)] = "float", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(object)] = "object",
        [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(string)] = "string", [typeof(uint)] = "uint", [typeof(ulong)] = "ulong",
        [typeof(ushort)] = "ushort",
    };

    public static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        return Named(type, [.. type.GetGenericArguments().Select(Name)]);
    }

    /// <summary>With a question mark on each reference that may be null, inside type arguments too.</summary>
    public static string Annotated(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        var mark = !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (info.ElementType is { } element)
            return $"{Annotated(element)}[]{mark}";
        if (Nullable.GetUnderlyingType(type) is not null || info.GenericTypeArguments.Length == 0 || info.GenericTypeArguments.Length != type.GetGenericArguments().Length)
            return Name(type) + mark;
        return Named(type, [.. info.GenericTypeArguments.Select(Annotated)]) + mark;
    }

    private static string Named(Type type, string[] arguments)
    {
        if (type.IsGenericParameter)
            return type.Name;
        var outer = type.DeclaringType is { } container ? Name(container) + "." : "";
        var tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return outer + (tick < 0 ? type.Name : $"{type.Name[..tick]}<{string.Join(", ", arguments)}>");
    }
}
