using System.Text;

namespace Muster.Bench;

/// <summary>A catalog of made-up products and its job, written to a fresh folder.</summary>
internal static class BenchJob
{
    private static readonly string[] Kinds = ["Running shoes", "Garden hose", "Green tea", "Ceramic mug", "Winter jacket", "Desk lamp", "Toy train", "Olive oil"];
    private static readonly string[] Traits = ["light sole", "20 m", "loose leaf", "350 ml", "waterproof", "dimmable", "wooden", "cold pressed"];

    public static string Write(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("muster-bench-").FullName;
        using (var csv = new StreamWriter(Path.Combine(folder, "products.csv"), append: false, new UTF8Encoding(false), 1 << 20))
        {
            csv.WriteLine("sku,name");
            for (var i = 0; i < rows; i++)
                csv.WriteLine($"P{i:D7},{Kinds[i % 8]} with {Traits[i / 8 % 8]} model {i % 997} for home and office use");
        }

        File.WriteAllText(Path.Combine(folder, "schema.json"),
            """
            {"type":"object","additionalProperties":false,"required":["category","features","summary"],"properties":{
              "category":{"enum":["Shoes","Garden","Tea and coffee","Kitchen","Clothing","Lighting","Toys","Food",null]},
              "features":{"type":"array","items":{"type":"string"},"maxItems":5},
              "summary":{"type":"string","maxLength":119}}}
            """);
        File.WriteAllText(Path.Combine(folder, "bench.job.yaml"),
            """
            job: bench
            source: { csv: products.csv, key: sku }
            pilot: { required: false }
            prompt:
              system: Turn one product record into structured attributes.
              user: "{{name}}"
            tiers:
              - { model: claude-haiku-4-5, max_tokens: 300 }
            contract: { schema: schema.json }
            """);
        return folder;
    }
}
