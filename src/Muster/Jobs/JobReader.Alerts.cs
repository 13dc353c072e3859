namespace Muster.Jobs;

internal sealed partial class JobReader
{
    private static readonly Dictionary<string, AlertKind> AlertWords = Enum.GetValues<AlertKind>()
        .ToDictionary(kind => kind.ToString().ToLowerInvariant());

    private AlertSpec Alerts(MapReader? map)
    {
        var defaults = new AlertSpec();
        if (map is null)
        {
            return defaults;
        }

        var alerts = new AlertSpec(Address(map, "webhook"), Address(map, "slack")) { On = On(map) ?? defaults.On };
        map.Done();
        return alerts;
    }

    /// <summary>What an address may be is judged again, with the environment's, when alerts are sent.</summary>
    private Uri? Address(MapReader map, string name)
    {
        if (map.Take(name) is not { } node || map.AsText(node, name) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri!.UserInfo.Length == 0)
        {
            return uri;
        }

        faults.Add(node.Place, map.PathOf(name), "expected an https address without a user name in it; what is there is not shown, because it may be a secret",
            $"Write it as `{JobFields.Alerts[name].Example}`.");
        return null;
    }

    private static IReadOnlyList<AlertKind>? On(MapReader map)
    {
        if (map.Take("on") is not { } node)
        {
            return null;
        }

        if (node is not YamlList list)
        {
            return map.AsWord(node, "on", [.. AlertWords.Keys]) is { } one ? [AlertWords[one]] : null;
        }

        var words = list.Elements.Select((element, i) => map.AsWord(element, $"on[{i}]", [.. AlertWords.Keys])).ToList();
        return words.Contains(null) ? null : [.. words.Select(word => AlertWords[word!]).Distinct()];
    }
}
