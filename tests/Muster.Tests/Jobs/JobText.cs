using Muster.Jobs;

namespace Muster.Tests.Jobs;

/// <summary>A job file that loads, with one part exchanged.</summary>
internal static class JobText
{
    public const string Schema = """
        { "type": "object", "properties": { "category": { "enum": ["Tea", "Coffee", null] }, "note": { "type": "string" } } }
        """;

    /// <summary>Nine lines, one field each: job, source, prompt (system, user), tiers, contract, target, pilot, budget, limits.</summary>
    public const string Good = """
        job: catalog
        source: { csv: products.csv, key: sku }
        prompt: { user: "{{description}}" }
        tiers: [ { model: claude-haiku-4-5, max_tokens: 300 } ]
        contract: { schema: product.schema.json }
        target: { sqlite: catalog.db, table: products, key: sku, columns: { category: /category } }
        pilot: { rows: 100, pass: 0.97 }
        budget: { usd: 150, failures: 2% }
        limits: { attempts: 6 }
        """;

    public static string With(string field, string line) =>
        string.Join('\n', Good.Split('\n').Select(old => old.StartsWith(field + ":", StringComparison.Ordinal) ? line : old));

    public static Job Load(string text, JobOverrides? overrides = null)
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", Schema);
        return JobFile.Load(folder.Write("catalog.job.yaml", text), overrides);
    }

    public static JobFileException Refuse(string text) => Should.Throw<JobFileException>(() => Load(text));
}
