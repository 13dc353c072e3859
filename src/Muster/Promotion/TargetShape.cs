using Muster.Jobs;

namespace Muster.Promotion;

/// <summary>A table, its key and some of its columns, all found in the catalog, and the fragments of SQL that name them.</summary>
internal sealed class TargetShape
{
    // SQLITE_MAX_FUNCTION_ARG is 127 and an image takes two for each column; a bit mask of changes has 63.
    internal const int MaxColumns = 60;

    private readonly IReadOnlyList<string> _shown;

    private TargetShape(TargetTable table, string key, string collation, IReadOnlyList<string> columns, IReadOnlyList<string> shown)
    {
        Table = table;
        Columns = columns;
        _shown = shown;
        Name = Identifier.Quote(table.Name);
        Key = Identifier.Quote(key);
        Collation = Identifier.Quote(collation);
    }

    internal TargetTable Table { get; }

    /// <summary>Unquoted, in the job's order.</summary>
    internal IReadOnlyList<string> Columns { get; }

    internal string Name { get; }
    internal string Key { get; }

    /// <summary>How the key's unique index compares.</summary>
    internal string Collation { get; }

    /// <summary>Quoted, separated by commas.</summary>
    internal string ColumnList => string.Join(", ", Columns.Select(Identifier.Quote));

    internal static TargetShape Of(TargetDatabase database, string table, string keyColumn, IReadOnlyList<string> columns)
    {
        var faults = Faults(database, table, keyColumn, columns);
        if (faults.Count > 0) throw TargetException.Of(faults);
        var found = TargetTable.Find(database, table)!;
        var key = found.Column(keyColumn)!;
        return new TargetShape(found, key, found.UniqueCollation(database, key)!, [.. columns.Select(c => found.Column(c)!)], columns);
    }

    internal static IReadOnlyList<TargetFault> Faults(
        TargetDatabase database, string table, string keyColumn, IReadOnlyList<string> columns)
    {
        var faults = columns.Prepend(keyColumn).Prepend(table).Select(Identifier.Fault).OfType<TargetFault>().ToList();
        if (columns.Count is 0 or > MaxColumns)
        {
            faults.Add(new($"The target has {columns.Count} managed columns; 1 to {MaxColumns} are possible.", "Change the target's columns."));
        }

        foreach (var twice in columns.Prepend(keyColumn).GroupBy(c => c, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults.Add(new(
                $"The column {Identifier.Show(twice.Key)} is named more than once.", "Name the key and each managed column once."));
        }

        if (faults.Count > 0) return faults;
        if (TargetTable.Find(database, table) is not { } found)
        {
            return [new($"There is no table {Identifier.Show(table)}.", "Create it, or name an ordinary table: views and virtual tables do not do.")];
        }

        foreach (var column in columns.Prepend(keyColumn))
        {
            if (found.Column(column) is not { } spelled)
            {
                faults.Add(new(
                    $"The table {Identifier.Show(found.Name)} has no column {Identifier.Show(column)}.",
                    $"Add it, or name one of: {string.Join(", ", found.Columns.Take(20))}."));
            }
            else if (found.Computed.Contains(spelled))
            {
                faults.Add(new(
                    $"The column {Identifier.Show(spelled)} is computed by the database and cannot be written.", "Manage another column."));
            }
        }

        if (found.Column(keyColumn) is { } key && found.UniqueCollation(database, key) is null)
        {
            faults.Add(new(
                $"The key column {Identifier.Show(key)} of {Identifier.Show(found.Name)} has no unique index of its own.",
                $"CREATE UNIQUE INDEX {Identifier.Quote(Cut("muster_" + found.Name))} ON {Identifier.Quote(found.Name)} ({Identifier.Quote(key)});"));
        }

        return faults;
    }

    /// <summary>The image of a row of the table or of the stage, under an alias.</summary>
    internal string Image(string alias) => Image(alias, staged: false);

    internal string StagedImage(string alias) => Image(alias, staged: true);

    /// <summary>A bit for each managed column that differs between table and stage.</summary>
    internal string ChangeMask(string table, string stage) => string.Join(" | ", Columns.Select((c, i) =>
        $"((typeof({table}.{Identifier.Quote(c)}) <> typeof({stage}.c{i}) or {table}.{Identifier.Quote(c)} is not {stage}.c{i} collate binary) << {i})"));

    /// <summary>The columns under short names, with the table's own types.</summary>
    internal string StageColumns => string.Join(", ", Columns.Select((c, i) => $"{Identifier.Quote(c)} as c{i}"));

    internal string Assignments(string image) =>
        string.Join(", ", Columns.Select((c, i) => $"{Identifier.Quote(c)} = muster_value({image}, {i})"));

    internal string Values(string image) => string.Join(", ", Columns.Select((_, i) => $"muster_value({image}, {i})"));

    private string Image(string alias, bool staged) => "muster_image(" + string.Join(", ", Columns.Select((c, i) =>
        $"{Literal(_shown[i])}, {alias}.{(staged ? $"c{i}" : Identifier.Quote(c))}")) + ")";

    private static string Literal(string text) => "'" + text.Replace("'", "''") + "'";

    private static string Cut(string name)
    {
        while (System.Text.Encoding.UTF8.GetByteCount(name) > Identifier.MaxBytes) name = name[..^1];
        return name;
    }
}
