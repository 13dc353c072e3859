using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Muster.Jobs;
using Muster.Verdicts;
using SQLitePCL;

namespace Muster.Sources;

/// <summary>The rows of a query, in the order the query gives them: only with ORDER BY is it the same order again.</summary>
internal sealed class SqliteSource : ISource
{
    private readonly SourceSpec spec;

    private SqliteSource(SourceSpec spec, IReadOnlyList<string> columns)
    {
        this.spec = spec;
        Columns = columns;
    }

    public IReadOnlyList<string> Columns { get; }

    public static SqliteSource Open(SourceSpec spec)
    {
        if (spec.Paths.Count != 1)
        {
            throw new SourceException($"The source names {spec.Paths.Count} databases.", "Name one; a query reads one database.");
        }

        using var query = SqliteQuery.Open(spec.Paths[0], spec.Query ?? "");
        return new(spec, ColumnNames(query, spec.Paths[0]));
    }

    // The query runs on this thread: SQLite has no asynchronous reads.
    public async IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await ValueTask.CompletedTask;
        using var query = SqliteQuery.Open(spec.Paths[0], spec.Query ?? "");
        CheckSame(ColumnNames(query, spec.Paths[0]));
        var builder = new RowBuilder(Columns, spec.Key, spec.MaxFieldChars);
        for (var row = 1L; query.Step(cancellationToken); row++)
        {
            if (row > skip)
            {
                yield return Row(query, builder, row);
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SourceRow Row(SqliteQuery query, RowBuilder builder, long row)
    {
        builder.Begin($"row {row}");
        for (var column = 0; column < Columns.Count; column++)
        {
            switch (query.Kind(column))
            {
                case raw.SQLITE_TEXT:
                    builder.AddText(query.Bytes(column));
                    break;
                case raw.SQLITE_INTEGER:
                    builder.AddRaw(Encoding.UTF8.GetBytes(query.Integer(column).ToString(CultureInfo.InvariantCulture)));
                    break;
                case raw.SQLITE_FLOAT:
                    AddReal(builder, query.Real(column));
                    break;
                case raw.SQLITE_NULL:
                    builder.AddNull();
                    break;
                default:
                    builder.AddUnusable(Reasons.BadRecord, "blob", "the value is a blob; select text, as with hex() or CAST(… AS TEXT)");
                    break;
            }
        }

        return builder.End();
    }

    private static void AddReal(RowBuilder builder, double value)
    {
        if (!double.IsFinite(value))
        {
            builder.AddUnusable(Reasons.BadRecord, "number", "the number is infinite, and JSON has none such");
            return;
        }

        // As SQLite writes it: a real stays a real, 1.0 and not 1.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        builder.AddRaw(Encoding.UTF8.GetBytes(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0"));
    }

    private static List<string> ColumnNames(SqliteQuery query, string path)
    {
        var names = Enumerable.Range(0, query.ColumnCount).Select(query.ColumnName).ToList();
        var twice = names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
        return twice.Count == 0 && !names.Exists(string.IsNullOrWhiteSpace)
            ? names
            : throw new SourceException(
                $"{path}: the query gives columns without a name of their own: {Excerpt.List(names)}.",
                "Name each with AS.");
    }

    private void CheckSame(List<string> found)
    {
        if (!found.SequenceEqual(Columns, StringComparer.Ordinal))
        {
            throw new SourceException(
                $"{spec.Paths[0]}: the query's columns were {Excerpt.List(Columns)} and are now {Excerpt.List(found)}.",
                "Start a new run: the source changed while it was read.");
        }
    }
}
