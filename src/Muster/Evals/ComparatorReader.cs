using System.Text.Json;

namespace Muster.Evals;

/// <summary>Reads how a field is compared; an option that its kind does not use is refused.</summary>
internal static class ComparatorReader
{
    private static readonly Dictionary<string, (CompareKind Kind, string[] Options)> Kinds = new()
    {
        ["exact"] = (CompareKind.Exact, []),
        ["set"] = (CompareKind.Set, ["min_jaccard"]),
        ["number"] = (CompareKind.Number, ["rel", "abs"]),
        ["date"] = (CompareKind.Date, ["days"]),
        ["list"] = (CompareKind.List, ["key", "order"]),
        ["text"] = (CompareKind.Text, ["normalize"]),
        ["rubric"] = (CompareKind.Rubric, ["rubric", "min_score"]),
        ["ignore"] = (CompareKind.Ignore, []),
    };

    public static Comparator Read(JsonElement json, string pointer)
    {
        var where = $"the comparator of {Excerpt.Quoted(pointer)}";
        var all = Kinds.Values.SelectMany(kind => kind.Options).Prepend("compare").Distinct().ToList();
        var reader = new LineReader(json, where, all);
        _ = reader.Take("compare");
        var name = reader.Text("compare")!;
        if (!Kinds.TryGetValue(name, out var kind))
            throw new LineFaultException($"{where} is {Excerpt.Quoted(name)}.{Closest.Question(name, Kinds.Keys)}".TrimEnd('.'), $"Write one of {string.Join(", ", Kinds.Keys)}.");
        reader = new LineReader(json, $"{where}, {name},", [.. kind.Options.Prepend("compare")]);
        return new Comparator(kind.Kind)
        {
            MinJaccard = reader.Number("min_jaccard", 1, max: 1),
            Rel = reader.Number("rel", 0),
            Abs = reader.Number("abs", 0),
            Days = (int)reader.Number("days", 0, max: 100_000),
            Key = reader.Text("key"),
            IgnoreOrder = Order(reader, where),
            Normalize = Steps(reader, where),
            Rubric = kind.Kind == CompareKind.Rubric ? reader.Take("rubric") is { } rubric && rubric.ValueKind == JsonValueKind.String ? reader.Text("rubric") : throw reader.Wrong("rubric", "text", reader.Take("rubric")) : null,
            MinScore = reader.Number("min_score", 0.8, max: 1),
        };
    }

    public static IEnumerable<KeyValuePair<string, object>> Written(Comparator by)
    {
        var (name, kind) = Kinds.First(pair => pair.Value.Kind == by.Kind);
        yield return new("compare", name);
        foreach (var option in kind.Options)
        {
            object? value = option switch
            {
                "min_jaccard" => by.MinJaccard,
                "rel" => by.Rel,
                "abs" => by.Abs,
                "days" => (double)by.Days,
                "key" => by.Key,
                "order" => by.IgnoreOrder ? "ignore" : null,
                "normalize" => by.Normalize.Count > 0 ? by.Normalize : null,
                "rubric" => by.Rubric,
                _ => by.MinScore,
            };
            if (value is not null)
                yield return new(option, value);
        }
    }

    private static bool Order(LineReader reader, string where) => reader.Text("order") switch
    {
        null or "keep" => false,
        "ignore" => true,
        var other => throw new LineFaultException($"{where} has order {Excerpt.Quoted(other)}", "Write order as keep or ignore."),
    };

    private static IReadOnlyList<string> Steps(LineReader reader, string where)
    {
        var steps = reader.Texts("normalize");
        var unknown = steps.FirstOrDefault(step => !Comparison.Normalizations.Contains(step));
        return unknown is null ? steps : throw new LineFaultException(
            $"{where} normalizes by {Excerpt.Quoted(unknown)}.{Closest.Question(unknown, Comparison.Normalizations)}".TrimEnd('.'), $"Write some of {string.Join(", ", Comparison.Normalizations)}.");
    }
}
