using System.Text.Json;

namespace Muster.Cli.Tests;

/// <summary>docs/json-output.md is a contract: every field that a command prints is named in the command's section.</summary>
public sealed class JsonDocTests
{
    private static readonly Dictionary<string, string> Sections = File.ReadAllText(Path.Combine(Root(), "docs", "json-output.md"))
        .Split("\n## ").Skip(1).ToDictionary(section => section[..section.IndexOf('\n', StringComparison.Ordinal)].Trim(), section => section);

    [Fact]
    public async Task Every_printed_field_is_documented()
    {
        await using var run = await RunFolder.StartAsync(job =>
        {
            job.UseTable("create table products (sku text primary key, category text, summary text); insert into products values ('p-001', 'Old', 'old')");
            job.Edit("{ required: false }", "{ rows: 20, pass: 0.1, required: false }");
            File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\n");
        });
        await DocumentsAsync(run, "init", "new", "--json");
        await DocumentsAsync(run, "check", "--json");
        var promoted = await DocumentsAsync(run, "promote", "--yes", "--json");
        var id = promoted.GetProperty("receipt").GetProperty("promotion_id").GetString()!;
        await DocumentsAsync(run, "promote", "--verify", id, "--json");
        await DocumentsAsync(run, "watch", "--json");
        await DocumentsAsync(run, "reconcile", "--json");
        await DocumentsAsync(run, "status", "--batches", "--json");
        await DocumentsAsync(run, "report", "--json");
        await DocumentsAsync(run, "handoff", "--out", "handover", "--json");
        await DocumentsAsync(run, "handoff", "--check", "handover", "--json");
        await DocumentsAsync(run, "doctor", "--json");
        run.Job.Execute("shop.db", "update products set summary = 'mine' where sku = 'p-001'");
        await DocumentsAsync(run, "rollback", id, "--yes", "--json");
        (await DocumentsAsync(run, "verify", "--json")).GetProperty("whole").GetBoolean().ShouldBeTrue();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        await DocumentsAsync(run, "quarantine", "--json");
        await DocumentsAsync(run, "quarantine", "show", "Q-1", "--json");
        await DocumentsAsync(run, "quarantine", "waive", "Q-1", "--reason", "known", "--plan", "--json");
        await DocumentsAsync(run, "quarantine", "waive", "Q-1", "--reason", "known", "--json");
        await DocumentsAsync(run, "quarantine", "triage", "Q-1", "--json");
        await DocumentsAsync(run, "review", "next", "--at-least", "3", "--json");
        await DocumentsAsync(run, "review", "list", "--json");
        await DocumentsAsync(run, "review", "decide", "p-003", "--set", "/summary=mine", "--json");
        await DocumentsAsync(run, "review", "log", "p-003", "--json");
        await DocumentsAsync(run, "review", "status", "--json");
        await DocumentsAsync(run, "review", "undo", "p-003", "--json");
        await DocumentsAsync(run, "pilot", "--json");
        await DocumentsAsync(run, "pilot", "--lock", "--json");
        run.Job.Write("gold.jsonl", """
            {"evalset":"gold","version":1,"fields":{"/category":{"compare":"exact"}}}
            {"key":"p-002","expect":{"/category":"Shoes"},"slice":["odd"]}
            {"key":"p-003","expect":{"/category":"Toys"}}

            """);
        run.Job.Edit("limits:", "evals: { set: gold.jsonl, gold_rows: 2 }\nlimits:");
        await DocumentsAsync(run, "eval", "--json");
        await DocumentsAsync(run, "eval", "--baseline", "--json");
        await DocumentsAsync(run, "run", "--anew", "--json");
        await DocumentsAsync(run, "eval", "--run", "r-4", "--json");
        await DocumentsAsync(run, "report", "--json");
        await DocumentsAsync(run, "drift", "--json");
        await DocumentsAsync(run, "rerun", "--select", "key:p-002", "--plan", "--json");
        await DocumentsAsync(run, "rerun", "--select", "key:p-002", "--json");
        await DocumentsAsync(run, "purge", "r-1", "--key", "p-009", "--yes", "--json");
    }

    private static async Task<JsonElement> DocumentsAsync(RunFolder run, params string[] arguments)
    {
        var json = await PromoteTests.JsonAsync(run, arguments);
        json.EnumerateObject().First().Name.ShouldBe("schema");
        var schema = json.GetProperty("schema").GetString()!;
        schema.ShouldBe($"muster.{arguments[0]}/1");
        var section = Sections[arguments[0]];
        if (section.Contains("see above", StringComparison.Ordinal))
            section += Sections["Shared parts"];
        section.ShouldContain($"`{schema}`");
        foreach (var name in Names(json).Distinct())
            section.ShouldContain($"`{name}`", Case.Sensitive, $"{schema} prints {name}");
        return json;
    }

    private static IEnumerable<string> Names(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(field => Names(field.Value).Prepend(field.Name)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Muster.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Muster.slnx is not above the tests.");
        return folder;
    }
}
