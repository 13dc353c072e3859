using System.Globalization;
using System.Text.RegularExpressions;

namespace Muster.Jobs;

/// <summary>
/// Takes the fields of one map, each once and strictly typed. A fault is added and null returned for what is missing or wrong, so
/// that reading goes on to the next fault.
/// </summary>
internal sealed partial class MapReader
{
    private readonly YamlMap map;
    private readonly FieldSet set;
    private readonly FaultList faults;
    private readonly HashSet<string> asked = [];

    public MapReader(YamlMap map, FieldSet set, string path, FaultList faults)
    {
        this.map = map;
        this.set = set;
        this.faults = faults;
        Path = path;
        RefuseUnknown();
    }

    /// <summary>The map's own field name, empty for the root.</summary>
    public string Path { get; }

    public Place Place => map.Place;

    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public bool Has(string name) => map.Entries.Any(entry => entry.Name == name);

    /// <summary>The field's node; null when absent (a fault when required) or without a value.</summary>
    public YamlNode? Take(string name)
    {
        var field = set[name];
        asked.Add(name);
        var entry = map.Entries.FirstOrDefault(e => e.Name == name);
        if (entry is null)
        {
            if (field.Required)
            {
                faults.Add(Place, PathOf(name), "is missing", $"Add `{field.Example}`.");
            }

            return null;
        }

        if (entry.Value is YamlScalar { Resolved: ScalarKind.Null })
        {
            faults.Add(entry.NamePlace, PathOf(name), "has no value", $"Write it as `{field.Example}`, or remove the line.");
            return null;
        }

        return entry.Value;
    }

    /// <summary>Fails when the table lists a field that nobody asked for.</summary>
    public void Done()
    {
        if (set.Fields.FirstOrDefault(field => !asked.Contains(field.Name)) is { } forgotten)
        {
            throw new InvalidOperationException($"The loader does not read `{forgotten.Name}` of `{set.Name}`.");
        }
    }

    public string? Text(string name) => Take(name) is { } node ? AsText(node, name) : null;

    public string? AsText(YamlNode node, string name)
    {
        if (node is YamlScalar { Resolved: ScalarKind.Text } scalar)
        {
            return scalar.Text.Trim().Length > 0 ? scalar.Text : Wrong<string>(node, name, "text that is not blank");
        }

        return node is YamlScalar ? WrongText(node, name) : Wrong<string>(node, name, "text");
    }

    public int? Whole(string name, int min, int max) => (int?)Long(name, min, max);

    public long? Long(string name, long min, long max)
    {
        if (Take(name) is not { } node)
        {
            return null;
        }

        var isWhole = node is YamlScalar { Resolved: ScalarKind.Number } scalar && scalar.Text.All(c => char.IsAsciiDigit(c) || c == '-');
        if (isWhole && long.TryParse(((YamlScalar)node).Text, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Wrong<string>(node, name, $"a whole number from {min.ToString("N0", CultureInfo.InvariantCulture)} to {max.ToString("N0", CultureInfo.InvariantCulture)}, digits only");
        return null;
    }

    public bool? Flag(string name)
    {
        if (Take(name) is not { } node)
        {
            return null;
        }

        if (node is YamlScalar { Resolved: ScalarKind.Flag } flag)
        {
            return flag.Text == "true";
        }

        Wrong<string>(node, name, "true or false");
        return null;
    }

    /// <summary>A share as <c>0.02</c> or <c>2%</c>.</summary>
    public double? Share(string name)
    {
        if (Take(name) is not { } node)
        {
            return null;
        }

        if (node is YamlScalar scalar && SharePattern().Match(scalar.Text) is { Success: true } match)
        {
            var number = decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            var share = match.Groups[2].Success ? number / 100 : number;
            if (share <= 1 && (scalar.Resolved == ScalarKind.Number || match.Groups[2].Success))
            {
                return (double)share;
            }
        }

        Wrong<string>(node, name, "a share from 0 to 1, or a percentage such as 2%");
        return null;
    }

    public decimal? Usd(string name)
    {
        if (Take(name) is not { } node)
        {
            return null;
        }

        if (node is YamlScalar { Resolved: ScalarKind.Number } scalar && UsdPattern().IsMatch(scalar.Text)
            && decimal.Parse(scalar.Text, CultureInfo.InvariantCulture) is > 0 and <= JobBounds.MaxUsd and var usd)
        {
            return usd;
        }

        Wrong<string>(node, name, $"an amount of US dollars above 0 and at most {JobBounds.MaxUsd.ToString("N0", CultureInfo.InvariantCulture)}, such as 150 or 12.50, without a sign for the currency");
        return null;
    }

    /// <summary>One of the given words, or null.</summary>
    public string? Word(string name, params IReadOnlyList<string> words) => Take(name) is { } node ? AsWord(node, name, words) : null;

    public string? AsWord(YamlNode node, string name, IReadOnlyList<string> words)
    {
        if (node is YamlScalar { Resolved: ScalarKind.Text } scalar)
        {
            return words.Contains(scalar.Text)
                ? scalar.Text
                : Wrong<string>(node, name, $"one of {string.Join(", ", words)}", Closest.Question(scalar.Text, words));
        }

        return Wrong<string>(node, name, $"one of {string.Join(", ", words)}");
    }

    /// <summary>A map with fields of its own.</summary>
    public MapReader? Map(string name, FieldSet fields) => Take(name) is { } node ? AsMap(node, name, fields) : null;

    public MapReader? AsMap(YamlNode node, string name, FieldSet fields) => node is YamlMap inner
        ? new MapReader(inner, fields, PathOf(name), faults)
        : Wrong<MapReader>(node, name, "a map of fields");

    /// <summary>Text, or a list of texts, of which there is at least one.</summary>
    public IReadOnlyList<Placed>? Texts(string name)
    {
        if (Take(name) is not { } node)
        {
            return null;
        }

        if (node is not YamlList list)
        {
            return AsText(node, name) is { } text ? [new Placed(text, node.Place)] : null;
        }

        if (list.Elements.Count is 0 or > JobBounds.MaxListed)
        {
            return Wrong<IReadOnlyList<Placed>>(node, name, $"a list of 1 to {JobBounds.MaxListed} texts, found {list.Elements.Count}");
        }

        var texts = new List<Placed>();
        for (var i = 0; i < list.Elements.Count; i++)
        {
            if (AsText(list.Elements[i], $"{name}[{i}]") is { } text)
            {
                texts.Add(new Placed(text, list.Elements[i].Place));
            }
        }

        return texts.Count == list.Elements.Count ? texts : null;
    }

    /// <summary>Adds the fault of a value of the wrong type or size.</summary>
    public T? Wrong<T>(YamlNode node, string name, string expected, string question = "")
        where T : class
    {
        var found = expected.Contains("found", StringComparison.Ordinal) ? "" : $", found {node.Kind}";
        faults.Add(node.Place, PathOf(name), $"expected {expected}{found}.{question}".TrimEnd('.'), $"Write it as `{Example(name)}`.");
        return null;
    }

    private string? WrongText(YamlNode node, string name)
    {
        var scalar = (YamlScalar)node;
        faults.Add(node.Place, PathOf(name), $"expected text, found {node.Kind}", $"Put it in quotes, as \"{scalar.Text}\", if that is the text.");
        return null;
    }

    private string Example(string name) => set.Fields.FirstOrDefault(f => f.Name == name.Split('[', '.')[0])?.Example ?? name;

    private void RefuseUnknown()
    {
        var known = set.Fields.Select(field => field.Name).ToList();
        foreach (var entry in map.Entries.Where(entry => !known.Contains(entry.Name)))
        {
            if (JobFields.Absent.TryGetValue(entry.Name, out var instead))
            {
                faults.Add(entry.NamePlace, Path, $"there is no field {Excerpt.Quoted(entry.Name)}: {instead.What}", instead.Hint);
                continue;
            }

            var message = $"unknown field {Excerpt.Quoted(entry.Name)}.{Closest.Question(entry.Name, known)}".TrimEnd('.');
            faults.Add(entry.NamePlace, Path, message, $"Fields allowed here: {string.Join(", ", known)}.");
        }
    }

    [GeneratedRegex(@"\A([0-9]{1,3}(?:\.[0-9]{1,9})?)(%)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SharePattern();

    [GeneratedRegex(@"\A[0-9]{1,9}(\.[0-9]{1,6})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex UsdPattern();
}

/// <summary>A text with its place.</summary>
internal readonly record struct Placed(string Text, Place Place);
