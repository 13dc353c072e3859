namespace Muster.Promotion;

/// <summary>A table as the catalog describes it: names of a job are looked up here before they get into a statement.</summary>
/// <param name="Name">As the catalog spells it.</param>
/// <param name="Columns">All columns, as the catalog spells them.</param>
/// <param name="Computed">Generated columns, which cannot be written.</param>
internal sealed record TargetTable(string Name, IReadOnlyList<string> Columns, IReadOnlySet<string> Computed)
{
    private const int HiddenPlain = 0;

    internal required bool HasTriggers { get; init; }
    internal required bool WithoutRowId { get; init; }

    internal static TargetTable? Find(TargetDatabase database, string name)
    {
        // SQLite's catalog tells a table from a view and from a virtual table by its type and its root page.
        var spelled = database.Scalar<string>(
            "select name from main.sqlite_master where type = 'table' and rootpage > 0 and name = $name collate nocase", ("$name", name));
        if (spelled is null) return null;
        var columns = database.List(
            "select name, hidden from pragma_table_xinfo($table, 'main')", r => (Name: r.GetString(0), Hidden: r.GetInt32(1)), ("$table", spelled));
        var triggers = database.Scalar<long>(
            "select count(*) from main.sqlite_master where type = 'trigger' and tbl_name = $table collate nocase", ("$table", spelled));
        // A table without rowid is its own primary key's index.
        var withoutRowId = database.Scalar<long>(
            """
            select count(*) from pragma_index_list($table, 'main') i
            where i.origin = 'pk' and not exists (select 1 from main.sqlite_master m where m.name = i.name)
            """,
            ("$table", spelled)) > 0;
        return new TargetTable(
            spelled,
            [.. columns.Select(c => c.Name)],
            columns.Where(c => c.Hidden != HiddenPlain).Select(c => c.Name).ToHashSet(StringComparer.OrdinalIgnoreCase))
        {
            HasTriggers = triggers > 0,
            WithoutRowId = withoutRowId,
        };
    }

    /// <summary>The catalog's spelling of a column, or null. SQLite compares names without regard to ASCII case.</summary>
    internal string? Column(string name) =>
        Columns.FirstOrDefault(c => c == name) ?? Columns.FirstOrDefault(c => string.Equals(c, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The collation under which the column alone is unique, or null when no whole-table unique index says so.</summary>
    internal string? UniqueCollation(TargetDatabase database, string column)
    {
        var rowId = database.Scalar<long>(
            """
            select count(*) = 1 and sum(upper(type) = 'INTEGER' and name = $column) = 1
            from pragma_table_xinfo($table, 'main') where pk > 0
            """,
            ("$table", Name), ("$column", column));
        if (rowId == 1) return "BINARY";
        return database.Scalar<string>(
            """
            select max(x.coll) from pragma_index_list($table, 'main') i join pragma_index_xinfo(i.name, 'main') x
            where i."unique" = 1 and i.partial = 0 and x.key = 1
            group by i.seq having count(*) = 1 and max(x.name) = $column limit 1
            """,
            ("$table", Name), ("$column", column));
    }
}
