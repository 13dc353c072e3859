using System.Text.Json;

namespace Muster.Promotion;

/// <summary>What the steps of a promotion share: the open database, which table and columns, and what comes from outside.</summary>
/// <param name="Table">As the job names it; looked up in the catalog at each step.</param>
/// <param name="Shown">The target, for people.</param>
internal sealed record PromotionWork(
    TargetDatabase Database,
    string Table,
    string KeyColumn,
    IReadOnlyList<string> Columns,
    string Shown,
    TimeProvider Time)
{
    /// <summary>The names of the points at which a process may die; tests stop there.</summary>
    internal Action<string> Reached { get; init; } = _ => { };

    /// <summary>The last thing before a transaction commits: a file is written here.</summary>
    internal Action<string> Committing { get; init; } = _ => { };

    internal string ColumnsJson => JsonSerializer.Serialize(Columns);

    internal TargetShape Shape() => TargetShape.Of(Database, Table, KeyColumn, Columns);

    /// <summary>The same table with the columns an earlier promotion managed; null when it no longer has them all.</summary>
    internal TargetShape? ShapeOf(string columnsJson)
    {
        var columns = JsonSerializer.Deserialize<List<string>>(columnsJson)!;
        return TargetShape.Faults(Database, Table, KeyColumn, columns).Count > 0 ? null : TargetShape.Of(Database, Table, KeyColumn, columns);
    }

    /// <summary>A statement for this shape of the table.</summary>
    internal static string Sql(string name, TargetShape shape, string image = "", string one = "") => TargetDatabase.Sql(
        name,
        ("table", shape.Name), ("key", shape.Key), ("collation", shape.Collation), ("columns", shape.ColumnList),
        ("image", shape.Image("t")), ("staged", shape.StagedImage("s")), ("changes", shape.ChangeMask("t", "s")),
        ("stagecolumns", shape.StageColumns), ("assignments", image.Length > 0 ? shape.Assignments(image) : ""),
        ("values", image.Length > 0 ? shape.Values(image) : ""), ("one", one));
}
