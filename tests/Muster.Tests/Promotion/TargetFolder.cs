using System.Text;
using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Staging;

namespace Muster.Tests.Promotion;

/// <summary>A folder of its own with one database, removed at the end.</summary>
internal sealed class TargetFolder : IDisposable
{
    internal TargetFolder(string schema = "create table products (sku text primary key, category text, price real, note text)")
    {
        Folder = Directory.CreateTempSubdirectory("muster-promotion-").FullName;
        if (schema.Length > 0) Run(schema);
    }

    internal string Folder { get; }
    internal string Database => Path.Combine(Folder, "catalog.db");

    internal static TargetSpec Spec(string path, string table = "products", string key = "sku") =>
        new(TargetKind.Sqlite, path, key, [new("category", "/category"), new("price", "/price")]) { Table = table };

    internal SqliteTarget Target(Action<string>? reached = null, TargetSpec? spec = null) =>
        new(spec ?? Spec(Database), TimeProvider.System) { Reached = reached ?? (_ => { }) };

    internal void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Every row of a table, values as SQL literals.</summary>
    internal string[] Rows(string sql = "select * from products order by 1")
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "NULL" : reader.GetValue(i) switch
            {
                byte[] b => Convert.ToHexString(b),
                double d => d.ToString("R") + "r",
                var v => v.ToString(),
            })));
        }

        return [.. rows];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal static class Staged
{
    internal static StagedRow Row(string key, string json, int attempt = 1) => new(key, attempt, Encoding.UTF8.GetBytes(json), Hash(1));

    internal static ReadOnlyMemory<byte> Hash(byte of) => new byte[16].Select(_ => of).ToArray();

    internal static async IAsyncEnumerable<T> Stream<T>(IEnumerable<T> rows)
    {
        foreach (var row in rows)
        {
            await Task.CompletedTask;
            yield return row;
        }
    }

    internal static async Task<Receipt> Promote(
        this ITarget target, string id, IEnumerable<StagedRow> rows, string run = "r1")
    {
        await target.PlanAsync(new PlanRequest("plan-" + id, run), Stream(rows));
        return await target.ApplyAsync(new ApplyRequest("plan-" + id, id, Seed: 1));
    }

    internal static Task<PromotionPlan> Plan(this ITarget target, string id, IEnumerable<StagedRow> rows, string run = "r1") =>
        target.PlanAsync(new PlanRequest("plan-" + id, run), Stream(rows));
}
