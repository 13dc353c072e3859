using System.IO.Compression;
using System.Text;
using Muster.Simulator;

namespace Muster.Cli.Tests;

/// <summary>Bad inputs to the real executable. Each is refused with its value and place, one Error and one Try line, and nothing is sent.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private readonly JobFolder folder = new();
    private SimulatedApi api = null!;

    public async ValueTask InitializeAsync()
    {
        api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true });
        folder.Environment["ANTHROPIC_API_KEY"] = "sk-sim";
        folder.Environment["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        api.Truth.CreateCalls.ShouldBe(0);
        await api.DisposeAsync();
        folder.Dispose();
    }

    // The job file

    [Fact]
    public Task An_unknown_field() => RefusesEdit("limits:", "limitz:", "tags.job.yaml:15:1", "limitz");

    [Fact]
    public Task A_field_of_the_wrong_type() => RefusesEdit("max_tokens: 300", "max_tokens: lots", "tags.job.yaml:7", "tiers[0].max_tokens", "\"lots\"");

    [Fact]
    public async Task A_yaml_alias_bomb()
    {
        folder.Write("tags.job.yaml", "a: &a [x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"b{i}: &b{i} [*a,*a,*a,*a,*a]\n")));
        var outcome = await folder.RunAsync("check");
        outcome.Code.ShouldBe(1);
        outcome.Errors[0].ShouldContain("tags.job.yaml:1:4: the anchor \"&a\" is not allowed");
        outcome.Errors.Count.ShouldBe(20);
        outcome.Hints.Count.ShouldBe(20);
        outcome.Err.ShouldContain("and 35 more");
    }

    [Fact]
    public Task Max_tokens_of_0() => RefusesEdit("max_tokens: 300", "max_tokens: 0", "tiers[0].max_tokens", "0");

    [Fact]
    public Task Max_tokens_above_what_the_model_can() => RefusesEdit("max_tokens: 300", "max_tokens: 64001", "tiers[0].max_tokens", "64001", "64000");

    [Fact]
    public Task Batch_rows_above_the_limit_of_the_api() => RefusesEdit("batch_rows: 7", "batch_rows: 100001", "limits.batch_rows", "100001");

    [Fact]
    public Task A_template_that_is_not_closed() => RefusesEdit("{{name}}", "{{name", "prompt.user", "tags.job.yaml:5");

    [Fact]
    public Task A_job_name_with_spaces() => RefusesEdit("job: tags", "job: My Tags", "tags.job.yaml:1", "My Tags");

    [Fact]
    public Task A_human_queue_that_is_not_a_schema() =>
        RefusesEdit("schema: tags.schema.json", "schema: tags.schema.json\n  human_queue: { properties: 7 }", "contract.human_queue", "properties");

    [Fact]
    public Task A_missing_job_file() => Refuses(["check", "nope.job.yaml"], 1, "nope.job.yaml");

    [Fact]
    public async Task No_job_file_in_the_folder()
    {
        File.Delete(folder.PathOf("tags.job.yaml"));
        await Refuses(["check"], 2, "no *.job.yaml");
    }

    [Fact]
    public async Task Two_job_files_in_the_folder()
    {
        File.Copy(folder.PathOf("tags.job.yaml"), folder.PathOf("other.job.yaml"));
        await Refuses(["check"], 2, "other.job.yaml", "tags.job.yaml");
    }

    // Requests

    [Fact]
    public Task A_template_column_that_the_source_lacks() => RefusesEdit("{{name}}", "{{nmae}}", "prompt.user, line 1", "nmae", "name");

    [Fact]
    public Task A_tool_that_expects_a_result_from_the_client() =>
        RefusesEdit("max_tokens: 300", "max_tokens: 300, params: { tools: [ { name: lookup, input_schema: { type: object } } ] }", "tiers[0].params.tools[0]", "lookup");

    [Fact]
    public Task Temperature() => RefusesEdit("max_tokens: 300", "max_tokens: 300, params: { temperature: 0.2 }", "tiers[0].params.temperature");

    [Fact]
    public Task Streaming() => RefusesEdit("max_tokens: 300", "max_tokens: 300, params: { stream: true }", "tiers[0].params.stream");

    [Fact]
    public async Task A_malformed_price_file()
    {
        folder.Write("prices.json", "{ \"as_of\": ");
        folder.Environment["MUSTER_PRICES"] = folder.PathOf("prices.json");
        await Refuses(["check"], 1, "prices.json", "JSON");
    }

    // The contract

    [Fact]
    public async Task A_schema_that_is_a_list() => await RefusesFile("tags.schema.json", "[]", "contract.schema", "array");

    [Fact]
    public async Task A_schema_that_is_not_json() => await RefusesFile("tags.schema.json", "{\"type\":\n oops}", "tags.schema.json:2", "JSON");

    [Fact]
    public async Task A_schema_with_a_type_that_does_not_exist() => await RefusesFile("tags.schema.json", """{"type":"strnig"}""", "tags.schema.json", "strnig");

    [Fact]
    public async Task An_unsupported_keyword_is_named() =>
        await RefusesFile("tags.schema.json", """{"type":"object","unevaluatedProperties":false}""", "tags.schema.json", "unevaluatedProperties");

    // The source

    [Fact]
    public Task A_missing_source() => RefusesEdit("rows.csv", "rowz.csv", "rowz.csv", "no such file");

    [Fact]
    public Task A_missing_key_column() => RefusesEdit("rows.csv, key: sku", "rows.csv, key: skuu", "rows.csv", "'skuu'", "sku, name");

    [Fact]
    public async Task A_folder_as_source()
    {
        Directory.CreateDirectory(folder.PathOf("rows"));
        await RefusesEdit("rows.csv", "rows", "rows", "is a directory");
    }

    [Fact]
    public async Task An_empty_source() => await RefusesFile("rows.csv", "", "rows.csv", "empty");

    [Fact]
    public async Task A_source_with_a_header_and_no_rows() => await RefusesFile("rows.csv", "sku,name\n", "rows.csv", "no rows");

    [Fact]
    public async Task A_source_in_utf_16()
    {
        folder.Write("rows.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sku,name\na,b\n")]);
        await Refuses(["check"], 1, "rows.csv", "UTF-16");
    }

    [Fact]
    public async Task A_gzip_file_that_is_cut_off()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(folder.PathOf("rows.csv")));
        folder.Write("rows.csv", packed.ToArray()[..^12]);
        await Refuses(["check"], 1, "rows.csv");
    }

    [Fact]
    public async Task A_source_of_which_no_row_can_be_asked() => await RefusesFile("rows.csv", "sku,name\na,\nb,\n", "rows.csv", "none of the 2 rows", "rows.csv:2");

    // The store

    [Fact]
    public async Task A_store_that_is_a_file()
    {
        folder.Environment["MUSTER_STORE"] = folder.PathOf("rows.csv");
        await Refuses(["check"], 1, "rows.csv is a file");
    }

    [Fact]
    public async Task A_store_where_nothing_can_be_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc.");
        folder.Environment["MUSTER_STORE"] = "/proc/muster";
        await Refuses(["check"], 1, "/proc/muster");
    }

    [Fact]
    public async Task A_foreign_database_as_store()
    {
        Directory.CreateDirectory(folder.PathOf(".muster"));
        folder.Execute(".muster/muster.db", "create table t (a)");
        await Refuses(["check"], 1, "muster.db", "not a Muster store");
        await Refuses(["status"], 1, "muster.db", "not a Muster store");
    }

    [Fact]
    public async Task A_damaged_store()
    {
        Directory.CreateDirectory(folder.PathOf(".muster"));
        folder.Write(".muster/muster.db", new string('x', 4096));
        await Refuses(["check"], 1, "muster.db", "damaged");
        await Refuses(["reconcile"], 1, "muster.db", "damaged");
    }

    // The target

    [Fact]
    public async Task A_target_whose_key_has_no_unique_index()
    {
        folder.UseTable("create table products (sku text, category text, summary text)");
        (await Refuses(["check"], 1, "\"sku\"", "no unique index")).Hints.Single().ShouldContain("CREATE UNIQUE INDEX");
    }

    [Fact]
    public async Task A_target_table_that_is_missing()
    {
        folder.UseTable("create table goods (sku text primary key)");
        await Refuses(["check"], 1, "no table", "products");
    }

    [Fact]
    public async Task A_target_column_that_is_missing()
    {
        folder.UseTable("create table products (sku text primary key, category text)");
        await Refuses(["check"], 1, "products", "summary");
    }

    [Fact]
    public async Task A_target_that_is_not_a_database()
    {
        folder.UseTable("create table products (sku text primary key)");
        folder.Write("shop.db", "sku,category\n");
        await Refuses(["check"], 1, "shop.db", "not a SQLite database");
    }

    [Fact]
    public async Task A_target_database_that_is_missing()
    {
        folder.Edit("csv: out.csv", "sqlite: shop.db\n  table: products");
        await Refuses(["check"], 1, "no database", "shop.db");
    }

    [Fact]
    public async Task A_target_file_that_is_a_folder()
    {
        Directory.CreateDirectory(folder.PathOf("out.csv"));
        await Refuses(["check"], 1, "out.csv is a folder");
    }

    // The service

    [Theory]
    [InlineData("ftp://example.com", "not an http or https address")]
    [InlineData("no address", "not an http or https address")]
    [InlineData("http://example.com", "unencrypted")]
    public async Task A_base_url_that_cannot_be_used(string url, string why)
    {
        folder.Environment["ANTHROPIC_BASE_URL"] = url;
        await Refuses(["doctor"], 1, url, why);
    }

    [Fact]
    public async Task No_key()
    {
        folder.Environment.Remove("ANTHROPIC_API_KEY");
        await Refuses(["doctor"], 1, "ANTHROPIC_API_KEY is not set");
    }

    [Theory]
    [InlineData("sk-secret\nx")]
    [InlineData("sk-secret x")]
    [InlineData("sk-secreté")]
    public async Task A_key_that_no_header_can_carry_is_refused_and_not_shown(string key)
    {
        folder.Environment["ANTHROPIC_API_KEY"] = key;
        foreach (var verb in (string[])["doctor", "run"])
        {
            var outcome = await Refuses([verb], 1, "The API key has a character at place 10 that no key has");
            (outcome.Out + outcome.Err).ShouldNotContain("secret");
        }
    }

    [Theory]
    [InlineData("http://me:pass-word@127.0.0.1:1")]
    [InlineData("ftp://me:pass-word@127.0.0.1:1")]
    public async Task A_base_url_with_a_password_is_refused_and_not_shown(string url)
    {
        folder.Environment["ANTHROPIC_BASE_URL"] = url;
        var outcome = await Refuses(["doctor"], 1, "ANTHROPIC_BASE_URL holds a user name or a password");
        (outcome.Out + outcome.Err).ShouldNotContain("pass-word");
    }

    [Fact]
    public async Task Https_where_http_is_spoken_says_what_failed()
    {
        folder.Environment["ANTHROPIC_BASE_URL"] = api.BaseUrl.ToString().Replace("http:", "https:", StringComparison.Ordinal);
        var outcome = await Refuses(["doctor"], 1, "https://127.0.0.1");
        outcome.Err.ShouldNotContain("see inner exception");
    }

    [Fact]
    public async Task A_wrong_key_is_refused_and_not_shown()
    {
        folder.Environment["ANTHROPIC_API_KEY"] = "sk-wrong-secret";
        var outcome = await Refuses(["doctor"], 1, "401", "authentication_error");
        (outcome.Out + outcome.Err).ShouldNotContain("sk-wrong-secret");
    }

    [Fact]
    public async Task A_service_that_is_not_there()
    {
        folder.Environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:1";
        await Refuses(["doctor"], 1, "http://127.0.0.1:1");
    }

    // The command line

    [Fact]
    public Task An_option_that_does_not_exist() => Refuses(["check", "--bogus"], 2, "--bogus");

    [Fact]
    public Task A_number_of_rows_below_1() => Refuses(["check", "--rows", "0"], 2, "--rows");

    [Theory]
    [InlineData("promote")]
    [InlineData("reconcile")]
    [InlineData("report")]
    public Task A_job_that_has_not_run(string verb) => Refuses([verb], 2, "tags has not been run yet");

    [Fact]
    public Task Init_with_a_name_that_is_none() => Refuses(["init", "new", "--name", "My Job"], 1, "My Job");

    [Fact]
    public async Task Init_over_files_that_are_there()
    {
        await Refuses(["init", ".", "--name", "tags"], 1, "tags.job.yaml is there already");
        File.Exists(folder.PathOf("tags.csv")).ShouldBeFalse();
    }

    [Fact]
    public async Task Init_into_a_file()
    {
        await Refuses(["init", "rows.csv"], 1, "rows.csv");
    }

    [Fact]
    public Task Rollback_of_a_promotion_that_does_not_exist() => Refuses(["rollback", "prm-nope"], 1, "prm-nope");

    // Several at once

    [Fact]
    public async Task Every_fault_is_named_in_one_go()
    {
        folder.Edit("{{name}}", "{{nmae}}");
        folder.Edit("max_tokens: 300", "max_tokens: 64001, params: { temperature: 1 }");
        folder.Write("tags.schema.json", """{"type":"strnig","unevaluatedItems":false}""");
        Directory.CreateDirectory(folder.PathOf("out.csv"));
        var outcome = await folder.RunAsync("check");
        outcome.Code.ShouldBe(1);
        outcome.Errors.Count.ShouldBe(6, outcome.Err);
        outcome.Hints.Count.ShouldBe(6, outcome.Err);
        foreach (var part in (string[])["nmae", "64001", "temperature", "strnig", "unevaluatedItems", "out.csv is a folder"])
            outcome.Errors.Count(line => line.Contains(part, StringComparison.Ordinal)).ShouldBe(1, part);
    }

    private Task<Outcome> RefusesEdit(string piece, string by, params string[] parts)
    {
        folder.Edit(piece, by);
        return Refuses(["check"], 1, parts);
    }

    private Task<Outcome> RefusesFile(string name, string text, params string[] parts)
    {
        folder.Write(name, text);
        return Refuses(["check"], 1, parts);
    }

    /// <summary>Exactly one Error line, with every part in it, followed by exactly one Try line.</summary>
    private async Task<Outcome> Refuses(string[] arguments, int code, params string[] parts)
    {
        var outcome = await folder.RunAsync(arguments);
        outcome.Code.ShouldBe(code, outcome.Err);
        var error = outcome.Errors.ShouldHaveSingleItem(outcome.Err);
        foreach (var part in parts)
            error.ShouldContain(part, Case.Sensitive);
        outcome.Err.ShouldContain($"{error}\n{outcome.Hints.ShouldHaveSingleItem(outcome.Err)}");
        outcome.Err.ShouldNotContain("   at ");
        outcome.Err.ShouldNotContain("\u001b");
        return outcome;
    }
}
