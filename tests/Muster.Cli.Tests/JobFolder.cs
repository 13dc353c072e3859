using System.Text;
using Microsoft.Data.Sqlite;

namespace Muster.Cli.Tests;

/// <summary>A folder with a small job that passes every check, to be spoiled in one place.</summary>
internal sealed class JobFolder : IDisposable
{
    private const string Job =
        """
        job: tags
        source: { csv: rows.csv, key: sku }
        prompt:
          system: Sort the product.
          user: "{{name}}"
        tiers:
          - { model: claude-haiku-4-5, max_tokens: 300 }
          - { model: claude-sonnet-5-5, max_tokens: 2000 }
        contract:
          schema: tags.schema.json
        target:
          csv: out.csv
          key: sku
          columns: { category: /category, summary: /summary }
        limits: { batch_rows: 7 }
        pilot: { required: false }

        """;

    private const string Schema =
        """
        {"type":"object","required":["category","summary"],"additionalProperties":false,"properties":{
          "category":{"enum":["Shoes","Tools","Toys",null]},
          "summary":{"type":"string","maxLength":119}}}
        """;

    public JobFolder()
    {
        Write("tags.job.yaml", Job);
        Write("tags.schema.json", Schema);
        Write("rows.csv", "sku,name\n" + string.Concat(Enumerable.Range(1, 20).Select(i => $"p-{i:D3},Running shoes number {i}\n")));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("muster-cli-").FullName;

    public Dictionary<string, string?> Environment { get; } = [];

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void Write(string name, string text) => File.WriteAllText(PathOf(name), text, new UTF8Encoding(false));

    public void Write(string name, byte[] bytes) => File.WriteAllBytes(PathOf(name), bytes);

    /// <summary>Replaces a piece of the job file that must be there.</summary>
    public void Edit(string piece, string by)
    {
        var text = File.ReadAllText(PathOf("tags.job.yaml"));
        text.ShouldContain(piece);
        Write("tags.job.yaml", text.Replace(piece, by, StringComparison.Ordinal));
    }

    /// <summary>Points the job at a database and runs statements in it first.</summary>
    public void UseTable(string sql)
    {
        Edit("csv: out.csv", "sqlite: shop.db\n  table: products");
        Execute("shop.db", sql);
    }

    public void Execute(string database, string sql)
    {
        using var connection = Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public string? Scalar(string database, string sql)
    {
        using var connection = Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar());
    }

    /// <summary>Overwrites the first page of a table of the store.</summary>
    public void Damage(string table)
    {
        var size = int.Parse(Scalar(".muster/muster.db", "pragma page_size")!);
        var page = int.Parse(Scalar(".muster/muster.db", $"select rootpage from sqlite_master where name = '{table}'")!);
        var bytes = File.ReadAllBytes(PathOf(".muster/muster.db"));
        bytes.AsSpan((page - 1) * size, size).Fill(0x5A);
        Write(".muster/muster.db", bytes);
    }

    public Task<Outcome> RunAsync(params string[] arguments) => Executable.RunAsync(Folder, Environment, arguments);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private SqliteConnection Open(string database)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={PathOf(database)};Pooling=False");
        connection.Open();
        return connection;
    }
}
