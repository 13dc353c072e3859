namespace Muster.Jobs;

internal sealed partial class JobReader
{
    private static readonly Dictionary<string, SourceFormat> SourceFormats = new()
    {
        ["csv"] = SourceFormat.Csv,
        ["tsv"] = SourceFormat.Tsv,
        ["jsonl"] = SourceFormat.Jsonl,
        ["sqlite"] = SourceFormat.Sqlite,
    };

    private SourceSpec? Source(MapReader? map)
    {
        if (map is null)
        {
            return null;
        }

        var kind = OneOf(map, [.. SourceFormats.Keys]);
        IReadOnlyList<string>? paths = null;
        foreach (var format in SourceFormats.Keys)
        {
            var written = format == "sqlite" ? One(map, format) : map.Texts(format);
            paths = format == kind && written is not null ? SourcePaths(written, map.PathOf(format)) : paths;
        }

        var query = map.Text("query");
        var key = Key(map);
        var isSensitive = map.Flag("sensitive_key") ?? false;
        var maxChars = map.Whole("max_field_chars", 1, JobBounds.MaxFieldChars);
        map.Done();
        CheckQuery(map, kind);
        return kind is null || paths is null || key is null
            ? null
            : new SourceSpec(SourceFormats[kind], paths, key with { Sensitive = isSensitive }) { Query = query, MaxFieldChars = maxChars ?? 100_000 };
    }

    private static IReadOnlyList<Placed>? One(MapReader map, string name) =>
        map.Take(name) is { } node && map.AsText(node, name) is { } text ? [new Placed(text, node.Place)] : null;

    private void CheckQuery(MapReader map, string? kind)
    {
        if (kind == "sqlite" && !map.Has("query"))
        {
            faults.Add(map.Place, map.PathOf("query"), "is missing; a database needs a query", $"Add `{JobFields.Source["query"].Example}`.");
        }
        else if (kind is not (null or "sqlite") && map.Has("query"))
        {
            faults.Add(map.Place, map.PathOf("query"), $"is only for sqlite, and the source is {kind}", "Remove it, or read from a database with `sqlite: FILE`.");
        }
    }

    private List<string>? SourcePaths(IReadOnlyList<Placed> written, string field)
    {
        var paths = new List<string>();
        foreach (var name in written)
        {
            if (FullPath(name, field) is not { } full)
            {
                return null;
            }

            paths.Add(full);
        }

        if (paths.Distinct().Count() < paths.Count)
        {
            faults.Add(written[0].Place, field, "names a file twice", "List each file once; every row is asked once.");
        }

        return overrides.Source is { } other ? Overridden(paths, Path.GetFullPath(other)) : paths;
    }

    private static List<string> Overridden(List<string> paths, string other) =>
        Directory.Exists(other) ? paths.ConvertAll(path => Path.Combine(other, Path.GetFileName(path))) : [other];

    private KeySpec? Key(MapReader map)
    {
        if (map.Take("key") is not { } node)
        {
            return null;
        }

        if (node is not YamlMap)
        {
            if (node is YamlScalar)
            {
                return map.AsText(node, "key") is { } column ? new KeySpec([column]) : null;
            }

            return map.Wrong<KeySpec>(node, "key", "a column's name, or { content: [columns] }");
        }

        var content = map.AsMap(node, "key", JobFields.ContentKey)!;
        var columns = content.Texts("content");
        content.Done();
        if (columns is null)
        {
            return null;
        }

        if (columns.DistinctBy(c => c.Text).Count() == columns.Count)
        {
            return new KeySpec([.. columns.Select(column => column.Text)], FromContent: true);
        }

        faults.Add(node.Place, content.PathOf("content"), "names a column twice", "List each column once.");
        return null;
    }
}
