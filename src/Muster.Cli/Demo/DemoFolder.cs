using System.Text;
using Microsoft.Data.Sqlite;

namespace Muster.Cli.Demo;

/// <summary>Writes the demo's job, schema, source and target where they are not there yet; what is there is used as it is.</summary>
internal static class DemoFolder
{
    public const string JobFile = "demo.job.yaml";
    private const string Target = "products.db";
    private const int MinPilotRows = 10;
    private const int MaxPilotRows = 100;
    private const int MinBatchRows = 20;
    private const int MaxBatchRows = 100_000;

    /// <returns>The path of the job file.</returns>
    public static string Prepare(string folder, int rows)
    {
        var source = $"products-{rows}.csv";
        try
        {
            Directory.CreateDirectory(folder);
            if (Directory.GetFiles(folder, "products-*.csv").Select(Path.GetFileName).FirstOrDefault(name => name != source) is { } other)
            {
                throw new UsageException($"{folder} holds a demo over {other}, not over {source}.",
                    "Name another folder with --folder, or give the same --rows as before.");
            }

            Once(Path.Combine(folder, source), path => WriteSource(path, rows));
            Once(Path.Combine(folder, Target), path => WriteTarget(path, rows));
            Once(Path.Combine(folder, "product.schema.json"), path => File.WriteAllText(path, Schema));
            Once(Path.Combine(folder, JobFile), path => File.WriteAllText(path, Job(source, rows)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new MusterException($"The demo cannot be written to {folder}: {problem.Message}", "Name a folder of yours with --folder.", problem);
        }

        return Path.Combine(folder, JobFile);
    }

    private static void Once(string path, Action<string> write)
    {
        if (File.Exists(path))
            return;
        var part = path + ".part";
        File.Delete(part);
        write(part);
        File.Move(part, path);
    }

    private static void WriteSource(string path, int rows)
    {
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        file.Write("sku,name,description\n");
        foreach (var row in DemoRows.Take(rows))
            file.Write($"{row.Sku},{Quoted(row.Name)},{Quoted(row.Description)}{(row.IsRagged ? ",one too many" : "")}\n");
    }

    private static string Quoted(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void WriteTarget(string path, int rows)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "create table products (sku text primary key, name text, category text, features text, summary text)";
        command.ExecuteNonQuery();
        command.CommandText = "insert into products (sku, name) values ($sku, $name) on conflict do nothing";
        var sku = command.Parameters.Add("$sku", SqliteType.Text);
        var name = command.Parameters.Add("$name", SqliteType.Text);
        foreach (var row in DemoRows.Take(rows))
        {
            sku.Value = row.Sku;
            name.Value = row.Name;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static string Job(string source, int rows) =>
        $$$"""
        # A job over made-up products; `muster demo` runs it against the simulated API.
        job: demo
        source: { csv: {{{source}}}, key: sku }
        prompt:
          system: |
            You turn a product record into structured attributes.
            Allowed categories: {{categories}}. When the record does not say what the product is, the category is null.
          user: "{{name}}{{#description}}\n{{description}}{{/description}}"
          values:
            categories: { contract: /properties/category/enum }
        tiers:
          - { model: claude-haiku-4-5, max_tokens: 300 }
          - { model: claude-sonnet-5-5, max_tokens: 2000 }
        contract:
          schema: product.schema.json
          human_queue: { properties: { category: { const: null } } }
        target:
          sqlite: {{{Target}}}
          table: products
          key: sku
          columns: { category: /category, features: /features, summary: /summary }
        pilot: { rows: {{{Math.Clamp(rows / 10, MinPilotRows, MaxPilotRows)}}}, pass: 80% }
        budget: { usd: 5000, failures: 5% }
        limits: { batch_rows: {{{Math.Clamp(rows / 4, MinBatchRows, MaxBatchRows)}}} }

        """;

    private const string Schema =
        """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "category": { "enum": ["Drinks", "Food", "Household", "Tools", "Toys", "Clothing", "Garden", "Electronics", null] },
            "features": { "type": "array", "items": { "type": "string", "minLength": 1 }, "maxItems": 5 },
            "summary": { "type": "string", "minLength": 1, "maxLength": 119 }
          },
          "required": ["category", "features", "summary"],
          "additionalProperties": false
        }

        """;
}
