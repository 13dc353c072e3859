using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Muster.Simulator;

/// <summary>Switches as text: one <c>name=value</c> each. The names are those of <see cref="WireSwitches"/> in snake_case.</summary>
internal static class WireSettings
{
    private static readonly IReadOnlyList<PropertyInfo> Switches =
        [.. typeof(WireSwitches).GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(p => p.Name, StringComparer.Ordinal)];

    public static IEnumerable<string> Names => Switches.Select(NameOf);

    public static WireSwitches Parse(IReadOnlyList<string> settings)
    {
        var switches = new WireSwitches();
        foreach (var setting in settings)
        {
            var sign = setting.IndexOf('=', StringComparison.Ordinal);
            var name = sign < 0 ? setting : setting[..sign];
            var known = Switches.FirstOrDefault(p => NameOf(p) == name)
                ?? throw new SimulatorException($"There is no switch \"{name}\".", $"Known switches: {string.Join(", ", Names)}.");
            // Each switch is set once, before anything reads the record: a copy per setting would say the same.
            known.SetValue(switches, Value(known, name, sign < 0 ? "true" : setting[(sign + 1)..]));
        }

        return switches;
    }

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    private static object Value(PropertyInfo property, string name, string text)
    {
        var type = property.PropertyType;
        if (type == typeof(string))
        {
            return text;
        }

        if (type == typeof(bool) && bool.TryParse(text, out var flag))
        {
            return flag;
        }

        if (type == typeof(int) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and <= 599)
        {
            return status;
        }

        if (type == typeof(long) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
        {
            return amount;
        }

        if (type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
        {
            return share;
        }

        throw new SimulatorException($"The switch {name} cannot be \"{text}\".", type == typeof(bool) ? "It is true or false."
            : type == typeof(int) ? "It is a status from 400 to 599."
            : type == typeof(long) ? "It is a whole number."
            : "It is a share from 0 to 1.");
    }
}
