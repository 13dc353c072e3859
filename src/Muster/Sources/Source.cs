using Muster.Jobs;

namespace Muster.Sources;

/// <summary>The door to the sources: reads the columns, checks that the key is among them, and hands out the stream of rows.</summary>
public static class Source
{
    /// <exception cref="SourceException">A file cannot be used, files differ in columns, or the key's column is missing.</exception>
    public static Task<ISource> OpenAsync(SourceSpec spec, CancellationToken cancellationToken = default) =>
        OpenAsync(spec, ReadLimits.Default, cancellationToken);

    internal static async Task<ISource> OpenAsync(SourceSpec spec, ReadLimits limits, CancellationToken cancellationToken)
    {
        CheckSpec(spec);
        ISource source = spec.Format switch
        {
            SourceFormat.Sqlite => SqliteSource.Open(spec),
            SourceFormat.Jsonl => await JsonlSource.OpenAsync(spec, limits, cancellationToken),
            _ => await DelimitedSource.OpenAsync(spec, limits, cancellationToken),
        };
        CheckKey(spec, source.Columns);
        return source;
    }

    /// <summary>How rows of each path are labelled: by file name, or by path where two files share a name.</summary>
    internal static IReadOnlyList<string> Labels(IReadOnlyList<string> paths)
    {
        var names = paths.Select(path => Path.GetFileName(path)).ToList();
        var unique = names.Distinct(StringComparer.Ordinal).Count() == names.Count;
        return [.. (unique ? names : paths).Select(name => Excerpt.Of(name, 200))];
    }

    private static void CheckSpec(SourceSpec spec)
    {
        if (spec.Paths.Count == 0)
        {
            throw new SourceException("The source names no file.", "Name at least one path under 'source'.");
        }

        var columns = spec.Key.Columns;
        if (columns.Count == 0 || (columns.Count > 1 && !spec.Key.FromContent) || columns.Distinct().Count() != columns.Count)
        {
            throw new SourceException(
                $"The key is made of {columns.Count} columns ({Excerpt.List(columns)}).",
                "Name one key column, or make the key from the content of one or more different columns.");
        }
    }

    private static void CheckKey(SourceSpec spec, IReadOnlyList<string> columns)
    {
        foreach (var wanted in spec.Key.Columns.Where(wanted => !columns.Contains(wanted)))
        {
            var nearest = Closest.To(wanted, columns);
            throw new SourceException(
                $"{spec.Paths[0]}: has no key column '{Excerpt.Of(wanted)}'; its columns are {Excerpt.List(columns)}.",
                nearest is null ? "Name one of these columns as the key." : $"Did you mean '{Excerpt.Of(nearest)}'?");
        }
    }
}
