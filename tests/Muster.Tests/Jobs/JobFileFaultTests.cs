using System.Text;
using Muster.Jobs;

namespace Muster.Tests.Jobs;

public sealed class JobFileFaultTests
{
    /// <summary>The exchanged field, its line, the place of the fault (line:column), its field, part of its message and of its hint.</summary>
    public static TheoryData<string, string, string, string, string, string> Bad() => new()
    {
        { "job", "job: Catalog", "1:6", "job", "expected a name of 1 to 40 of the characters a-z, 0-9 and -, found the text \"Catalog\"", "job: catalog-enrichment" },
        { "limits", "alerts: { webhook: hooks }", "9:20", "alerts.webhook", "expected an https address without a user name in it", "webhook: https" },
        { "limits", "alerts: { slack: \"https://user:s3cret@hooks.example.com/\" }", "9:18", "alerts.slack", "what is there is not shown", "slack: https" },
        { "limits", "alerts: { on: [done, never] }", "9:22", "alerts.on[1]", "expected one of budget, paused, held, done, expiring, found the text \"never\"", "on: [budget" },
        { "budget", "budget: { batches: 2 }", "8:20", "budget.batches", "expected a share from 0 to 1", "batches: 10%" },
        { "job", "job: 12", "1:6", "job", "expected text, found the number 12", "\"12\"" },
        { "job", "job:", "1:1", "job", "has no value", "remove the line" },
        { "job", "name: catalog", "1:1", "", "unknown field \"name\"", "Fields allowed here: job, source" },
        { "source", "sorce: { csv: a.csv, key: k }", "2:1", "", "unknown field \"sorce\". Did you mean `source`?", "Fields allowed" },
        { "source", "source: products.csv", "2:9", "source", "expected a map of fields, found the text \"products.csv\"", "source: { csv" },
        { "source", "source: { key: k }", "2:9", "source", "needs one of csv, tsv, jsonl, sqlite", "Add `csv" },
        { "source", "source: { csv: a.csv, tsv: b.tsv, key: k }", "2:9", "source", "has csv and tsv", "Keep `csv` or `tsv`" },
        { "source", "source: { csv: a.csv, kye: k, key: k }", "2:23", "source", "unknown field \"kye\". Did you mean `key`?", "key" },
        { "source", "source: { csv: a.csv }", "2:9", "source.key", "is missing", "key: sku" },
        { "source", "source: { csv: [], key: k }", "2:16", "source.csv", "expected a list of 1 to 1000 texts, found 0", "csv: products.csv" },
        { "source", "source: { csv: [a.csv, 3], key: k }", "2:24", "source.csv[1]", "expected text, found the number 3", "\"3\"" },
        { "source", "source: { csv: [a.csv, ./a.csv], key: k }", "2:17", "source.csv", "names a file twice", "once" },
        { "source", "source: { csv: a.csv, key: [k] }", "2:28", "source.key", "expected a column's name", "key: sku" },
        { "source", "source: { csv: a.csv, key: { content: [a, a] } }", "2:28", "source.key.content", "names a column twice", "once" },
        { "source", "source: { sqlite: a.db, key: k }", "2:9", "source.query", "is missing; a database needs a query", "query:" },
        { "source", "source: { csv: a.csv, key: k, query: select 1 }", "2:9", "source.query", "is only for sqlite", "Remove it" },
        { "source", "source: { csv: a.csv, key: k, sensitive_key: yes }", "2:46", "source.sensitive_key", "expected true or false, found the text \"yes\"", "sensitive_key: true" },
        { "source", "source: { csv: a.csv, key: k, max_field_chars: 1e3 }", "2:48", "source.max_field_chars", "expected a whole number from 1 to 10,000,000", "max_field_chars: 100000" },
        { "pilot", "dedupe: true", "7:1", "", "there is no field \"dedupe\": rows with keys of their own are asked one by one", "key: { content:" },
        { "prompt", "prompt: { system: x }", "3:9", "prompt", "needs one of user, user_file", "Add `user" },
        { "prompt", "prompt: { user: a, user_file: b }", "3:9", "prompt", "has user and user_file", "Keep" },
        { "prompt", "prompt: { user_file: none.txt }", "3:22", "prompt.user_file", "none.txt\" does not exist", "own folder" },
        { "prompt", "prompt: { user: \"a {{b\" }", "3:20", "prompt.user", "is not followed by `}}`", "\\{{" },
        { "prompt", "prompt: { user: x, values: { a: { contract: /nothing } } }", "3:45", "prompt.values.a.contract", "expected a pointer to a list of texts", "contract" },
        { "prompt", "prompt: { user: x, values: { a: { contract: /properties/note } } }", "3:45", "prompt.values.a.contract", "expected a pointer to a list of texts", "contract" },
        { "prompt", "prompt: { user: x, values: { a: [ { b: c } ] } }", "3:35", "prompt.values.a", "expected a list of texts, found a map", "tone: plain" },
        { "tiers", "tiers: []", "4:8", "tiers", "expected 1 to 10 models, found 0", "tiers:" },
        { "tiers", "tiers: { model: m, max_tokens: 1 }", "4:8", "tiers", "expected a list of models", "tiers:" },
        { "tiers", "tiers: [ { model: m } ]", "4:10", "tiers[0].max_tokens", "is missing", "max_tokens: 300" },
        { "tiers", "tiers: [ { model: m, max_tokens: 0 } ]", "4:34", "tiers[0].max_tokens", "from 1 to 1,000,000, digits only, found the number 0", "max_tokens: 300" },
        { "tiers", "tiers: [ { model: m, max_tokens: 9, max_token: 9 } ]", "4:37", "tiers[0]", "Did you mean `max_tokens`?", "model" },
        { "tiers", "tiers: [ { model: m, max_tokens: 9, thinking: on } ]", "4:47", "tiers[0].thinking", "expected off, adaptive or { budget: TOKENS }", "thinking: off" },
        { "tiers", "tiers: [ { model: m, max_tokens: 9, effort: hihg } ]", "4:45", "tiers[0].effort", "Did you mean `high`?", "effort: low" },
        { "tiers", "tiers: [ { model: m, max_tokens: 9, params: { top_k: 0x1F } } ]", "4:54", "tiers[0].params.top_k", "is not a number or word that JSON knows", "quotes" },
        { "contract", "contract: { schema: none.json }", "5:21", "contract.schema", "does not exist", "own folder" },
        { "contract", "contract: { schema: product.schema.json, human_queue: x }", "5:55", "contract.human_queue", "expected a JSON Schema written as a map", "human_queue:" },
        { "contract", "contract: { schema: product.schema.json, on_violation: retry }", "5:56", "contract.on_violation", "expected one of escalate, reask", "on_violation: reask" },
        { "target", "target: { sqlite: c.db, key: k, columns: { a: /a } }", "6:9", "target.table", "is missing; a database needs a table", "table: products" },
        { "target", "target: { csv: c.csv, table: t, key: k, columns: { a: /a } }", "6:9", "target.table", "is only for sqlite", "Remove it" },
        { "target", "target: { csv: c.csv, key: k, columns: { a: a } }", "6:45", "target.columns.a", "expected a JSON pointer", "columns: { category" },
        { "target", "target: { csv: c.csv, key: k, columns: { K: /k } }", "6:42", "target.columns.K", "is the key, which is never overwritten", "Remove it" },
        { "target", "target: { csv: c.csv, key: k, columns: {} }", "6:40", "target.columns", "expected a map of at least one column", "columns:" },
        { "pilot", "pilot: { rows: 0 }", "7:16", "pilot.rows", "from 1 to 10,000", "rows: 100" },
        { "pilot", "pilot: { pass: 97 }", "7:16", "pilot.pass", "expected a share from 0 to 1, or a percentage such as 2%, found the number 97", "pass: 0.97" },
        { "budget", "budget: { usd: $150 }", "8:16", "budget.usd", "expected an amount of US dollars above 0", "usd: 150" },
        { "budget", "budget: { usd: \"150\" }", "8:16", "budget.usd", "found the text \"150\"", "usd: 150" },
        { "budget", "budget: { usd: 10000001 }", "8:16", "budget.usd", "above 0 and at most 10,000,000", "usd: 150" },
        { "limits", "fallback: { usd: 10000001 }", "9:18", "fallback.usd", "above 0 and at most 10,000,000", "usd: 5" },
        { "budget", "budget: { failures: 200% }", "8:21", "budget.failures", "expected a share from 0 to 1", "failures: 0.02" },
        { "limits", "limits: { batch_rows: 100001 }", "9:23", "limits.batch_rows", "from 1 to 100,000", "batch_rows" },
        { "limits", "limits: { batch_bytes: 256000001 }", "9:24", "limits.batch_bytes", "to 256,000,000", "batch_bytes" },
        { "limits", "limits: { queued_requests: 500001 }", "9:28", "limits.queued_requests", "to 500,000", "queued_requests" },
        { "limits", "limits: { attempts: 21 }", "9:21", "limits.attempts", "to 20", "attempts: 6" },
        { "limits", "limits: &a { attempts: 6 }", "9:9", "", "the anchor \"&a\" is not allowed", "Write" },
        { "limits", "limits: *a", "9:9", "", "the alias \"*a\" is not allowed", "Write the value out" },
        { "limits", "limits: !!map { attempts: 6 }", "9:9", "", "the tag \"tag:yaml.org,2002:map\" is not allowed", "Remove it" },
        { "limits", "limits: { <<: { attempts: 6 } }", "9:11", "", "the merge key \"<<\" is not allowed", "Write the fields out" },
        { "limits", "limits: { attempts: 6, attempts: 7 }", "9:24", "", "\"attempts\" is written twice; the first is on line 9", "Keep one" },
        { "limits", "limits: { attempts: 6", "10:1", "", "not readable as YAML", "brackets" },
        { "limits", "---\njob: b", "9:1", "", "a second YAML document starts here", "One file is one job" },
        { "limits", "limits: { a: \"\\ud800\\u0041\" }", "9:12", "", "invalid Unicode surrogates in an escape", "whole character" },
        { "limits", "limits: { [a]: 6 }", "9:11", "", "a field's name must be text, found a list", "quotes" },
        { "limits", "limits: { a: \"\\ud800\" }", "9:14", "", "invalid Unicode surrogates", "Check" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_field_is_named_with_place_and_hint(string field, string line, string place, string where, string message, string hint)
    {
        var refusal = JobText.Refuse(JobText.With(field, line));

        var fault = refusal.Faults.FirstOrDefault(f => f.Message.Contains(message, StringComparison.Ordinal));
        fault.ShouldNotBeNull($"faults were: {string.Join(" | ", refusal.Faults)}");
        $"{fault.Line}:{fault.Column}".ShouldBe(place);
        fault.Field.ShouldBe(where);
        fault.Hint.ShouldContain(hint);
        refusal.Message.ShouldContain($"catalog.job.yaml:{place}");
        refusal.Hint.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void Every_fault_is_told_at_once_in_the_order_of_the_file()
    {
        var refusal = JobText.Refuse("""
            job: Big Name
            source: { csv: a.csv }
            promt: { user: x }
            tiers: [ { model: m, max_tokens: many } ]
            contract: { schema: none.json }
            budget: { usd: free }
            """);

        refusal.Faults.Select(f => f.Line).ShouldBe([1, 1, 2, 3, 4, 5, 6]);
        refusal.Message.ShouldContain("has 7 faults");
        refusal.Message.ShouldContain("Did you mean `prompt`?");
        refusal.Hint.ShouldContain("muster check");
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("# only a comment\n", "the file is empty")]
    [InlineData("- a\n- b\n", "expected a map of fields, found a list")]
    [InlineData("just text", "expected a map of fields, found the text \"just text\"")]
    public void A_file_that_is_no_map_is_refused(string text, string message)
    {
        JobText.Refuse(text).Message.ShouldContain(message);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var refusal = Should.Throw<JobFileException>(() => JobFile.Load("/nowhere/at-all.job.yaml"));

        refusal.Message.ShouldContain("does not exist");
        refusal.Hint.ShouldContain("Check the path");
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_named_with_their_line()
    {
        using var folder = new TempFolder();
        var path = folder.Write("catalog.job.yaml", [.. Encoding.UTF8.GetBytes("job: catalog\n# caf"), 0xE9, (byte)'\n']);

        var refusal = Should.Throw<JobFileException>(() => JobFile.Load(path));

        refusal.Message.ShouldContain("is not UTF-8: byte 0xE9 on line 2");
        refusal.Faults[0].Line.ShouldBe(2);
    }

    [Theory]
    [InlineData("{ \"a\": ", "product.schema.json:1:8")]
    [InlineData("", "product.schema.json:1:1")]
    [InlineData("{\n  \"a\": 1,\n  \"é\" 2 }", "product.schema.json:3:7")]
    public void A_schema_that_is_not_JSON_is_named_with_its_own_place(string schema, string place)
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", schema);
        var path = folder.Write("catalog.job.yaml", JobText.Good);

        var refusal = Should.Throw<JobFileException>(() => JobFile.Load(path));

        refusal.Message.ShouldStartWith(place);
        refusal.Faults.ShouldHaveSingleItem().Message.ShouldContain("not readable as JSON");
    }

    [Theory]
    [InlineData("[]", "found array in it")]
    [InlineData("{\"a\":\"\\ud800\"}", "holds half of a surrogate pair")]
    public void A_schema_that_is_no_object_or_no_text_is_refused(string schema, string message)
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", schema);
        var path = folder.Write("catalog.job.yaml", JobText.Good);

        Should.Throw<JobFileException>(() => JobFile.Load(path)).Faults.ShouldHaveSingleItem().Message.ShouldContain(message);
    }

    [Fact]
    public void A_schema_that_is_not_UTF8_is_refused_where_it_is_named()
    {
        using var folder = new TempFolder();
        folder.Write("product.schema.json", [(byte)'{', 0xFF, (byte)'}']);
        var path = folder.Write("catalog.job.yaml", JobText.Good);

        var refusal = Should.Throw<JobFileException>(() => JobFile.Load(path));

        refusal.Faults.ShouldHaveSingleItem().Place.ShouldEndWith("catalog.job.yaml:5:21");
        refusal.Message.ShouldContain("is not UTF-8");
    }

    [Fact]
    public void A_fault_in_a_block_of_text_is_placed_in_the_file()
    {
        var refusal = JobText.Refuse(JobText.With("prompt", "prompt:\n  system: |\n    Sort it.\n    Allowed: {{#a}}x{{/b}}\n  user: x"));

        var fault = refusal.Faults.ShouldHaveSingleItem();
        (fault.Line, fault.Column).ShouldBe((6, 21));
        fault.Hint.ShouldBe("Write `{{/a}}` here.");
    }
}
