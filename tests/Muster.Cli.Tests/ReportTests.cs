using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muster.Simulator.Faults;

namespace Muster.Cli.Tests;

/// <summary>The account of a run as lines, Markdown and JSON.</summary>
public sealed partial class ReportTests
{
    private static readonly Action<JobFolder> Untidy = job =>
    {
        job.Edit("schema: tags.schema.json", "schema: tags.schema.json\n  human_queue: { required: [ category ], properties: { category: { const: null } } }");
        File.AppendAllText(job.PathOf("rows.csv"), "p-001,again\nx,\"a | b <b>\",z\n");
    };

    [Fact]
    public async Task Every_sum_in_it_balances()
    {
        await using var run = await RunFolder.StartAsync(Untidy);
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        var report = await PromoteTests.JsonAsync(run, "report", "--json");
        var ledger = report.GetProperty("ledger");
        var rows = ledger.GetProperty("rows").GetInt64();
        rows.ShouldBe(22);
        string[] states = ["succeeded", "errored", "expired", "canceled", "quarantined", "human_queued", "open"];
        states.Sum(state => ledger.GetProperty(state).GetInt64()).ShouldBe(rows);
        report.GetProperty("reasons").EnumerateArray().Sum(reason => reason.GetProperty("rows").GetInt64())
            .ShouldBe(rows - ledger.GetProperty("succeeded").GetInt64() - ledger.GetProperty("open").GetInt64());
        var money = report.GetProperty("money");
        money.GetProperty("by_tier").EnumerateArray().Sum(usage => usage.GetProperty("cost_usd").GetDecimal()).ShouldBe(money.GetProperty("cost_usd").GetDecimal());
        report.GetProperty("manifest").EnumerateArray().All(batch => batch.GetProperty("rows").GetInt64() == batch.GetProperty("archive_lines").GetInt64()).ShouldBeTrue();
        var promoted = report.GetProperty("promotions")[0];
        promoted.GetProperty("counts").GetProperty("total").GetInt64().ShouldBe(ledger.GetProperty("succeeded").GetInt64());
        report.GetProperty("next").GetString()!.ShouldStartWith("muster rollback prm-");
    }

    [Fact]
    public async Task The_page_and_the_markdown_have_the_drift_matrix_and_the_receipt_of_the_promotion()
    {
        await using var run = await RunFolder.StartAsync(Untidy);
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("report", "--html", "page.html", "--md", "report.md")).Code.ShouldBe(0);
        var receipt = (await PromoteTests.JsonAsync(run, "report", "--json")).GetProperty("promotions")[0];
        var (id, inserted) = (receipt.GetProperty("promotion_id").GetString()!, receipt.GetProperty("counts").GetProperty("insert").GetInt64());
        inserted.ShouldBeGreaterThan(5);

        var page = File.ReadAllText(run.Job.PathOf("page.html"));
        var matrix = Table(page, "Drift checks by field");
        matrix[0].ShouldBe(["Check", "run"]);
        matrix.Single(row => row[0].StartsWith("A1 ", StringComparison.Ordinal))[1].ShouldBe("ok");
        matrix.Single(row => row[0].StartsWith("A3 ", StringComparison.Ordinal)).ShouldContain("n/a", "there is no accepted run to compare with");
        var promotion = Table(page, "Promotions")[1];
        promotion[0].ShouldBe(id);
        (promotion[2], promotion[4], promotion[5]).ShouldBe(("live", $"{inserted}", "0"));
        File.ReadAllText(run.Job.PathOf("report.md")).Split('\n').Single(line => line.StartsWith($"| {id} | ", StringComparison.Ordinal)).ShouldContain($" | live | {inserted} | 0 | 0 | 0 |");
    }

    [Fact]
    public async Task Beside_an_accepted_run_the_drift_matrix_has_a_column_for_each_field()
    {
        await using var run = await RunFolder.StartAsync();
        run.Job.Environment["MUSTER_POLL_INTERVAL"] = "0.1";
        (await run.Job.RunAsync("promote", "--yes")).Code.ShouldBe(0);
        (await run.Job.RunAsync("run", "--anew")).Code.ShouldBe(0);
        (await run.Job.RunAsync("report", "--html", "page.html")).Code.ShouldBe(0);

        var matrix = Table(File.ReadAllText(run.Job.PathOf("page.html")), "Drift checks by field");
        matrix[0].ShouldBe(["Check", "run", "/category", "/summary"], ignoreOrder: true);
        var empty = matrix.Single(row => row[0].StartsWith("A3 ", StringComparison.Ordinal));
        empty[matrix[0].IndexOf("/summary")].ShouldBe("n/a", "20 rows are too few");
        matrix.Single(row => row[0].StartsWith("A1 ", StringComparison.Ordinal))[matrix[0].IndexOf("run")].ShouldBe("ok");
    }

    /// <summary>The cells of the table of this name, row by row.</summary>
    private static List<List<string>> Table(string page, string name)
    {
        var from = page.IndexOf($"aria-label=\"{name}\"", StringComparison.Ordinal);
        from.ShouldBeGreaterThan(0, $"no table {name}");
        var table = page[from..page.IndexOf("</table>", from, StringComparison.Ordinal)];
        return [.. Row().Matches(table).Select(row => Cell().Matches(row.Groups[1].Value).Select(cell => WebUtility.HtmlDecode(Tag().Replace(cell.Groups[1].Value, ""))).ToList())];
    }

    [GeneratedRegex("<tr[^>]*>(.*?)</tr>", RegexOptions.Singleline)]
    private static partial Regex Row();

    [GeneratedRegex("<t[hd][^>]*>(.*?)</t[hd]>", RegexOptions.Singleline)]
    private static partial Regex Cell();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [Fact]
    public async Task Lines_show_reasons_with_their_rows()
    {
        await using var run = await RunFolder.StartAsync(Untidy);
        var outcome = await run.Job.RunAsync("report");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("r-1: ".Replace(": ", " tags@"));
        outcome.Out.ShouldContain("1 quarantined REQ.DUPLICATE_KEY");
        outcome.Out.ShouldContain("rows.csv:22: The key \"p-001\" stands on an earlier line.");
        outcome.Err.ShouldContain("Next: muster promote");
    }

    [Fact]
    public async Task Markdown_goes_to_a_file_and_row_text_stays_text()
    {
        await using var run = await RunFolder.StartAsync(Untidy);
        var outcome = await run.Job.RunAsync("report", "--md", "report.md");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldBeEmpty();
        var text = File.ReadAllText(run.Job.PathOf("report.md"));
        text.ShouldStartWith("# tags r-1\n");
        text.ShouldContain("## Tokens and cost");
        text.ShouldNotContain("<b>");
        (await run.Job.RunAsync("report", "--md", "-")).Out.ShouldBe(text);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(run.Job.PathOf("report.md")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var table in text.Split("\n\n").Where(part => part.StartsWith('|')))
        {
            var columns = table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("\\|", "").Count(c => c == '|')).Distinct();
            columns.Count().ShouldBe(1, table);
        }
    }

    [Fact]
    public async Task A_sensitive_key_is_not_shown()
    {
        await using var run = await RunFolder.StartAsync(job =>
        {
            Untidy(job);
            job.Edit("key: sku }\nprompt", "key: sku, sensitive_key: true }\nprompt");
        });
        foreach (var reason in (await PromoteTests.JsonAsync(run, "report", "--json")).GetProperty("reasons").EnumerateArray())
            reason.GetProperty("examples").EnumerateArray().ShouldAllBe(row => row.GetProperty("key").ValueKind == JsonValueKind.Null);
    }

    [Fact]
    public async Task The_lines_and_the_JSON_tell_what_synchronous_calls_did()
    {
        await using var run = await RunFolder.StartAsync(
            job => job.Edit("{ batch_rows: 7 }", "{ batch_rows: 7, attempts: 2 }\nfallback: { usd: 1 }"),
            faults: new FaultPlan { Rows = [new RowRule { Contains = "number 3", Outcome = "expired" }] });

        var lines = (await run.Job.RunAsync("report")).Out;
        lines.ShouldContain("synchronous lane: 1 call, 1 answered, $");
        lines.ShouldContain("synchronous calls");
        var lane = (await PromoteTests.JsonAsync(run, "report", "--json")).GetProperty("synchronous_lane");
        (lane.GetProperty("requests").GetInt64(), lane.GetProperty("succeeded").GetInt64(), lane.GetProperty("lost").GetInt64()).ShouldBe((1, 1, 0));
        lane.GetProperty("cost_usd").GetDecimal().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_refused()
    {
        await using var run = await RunFolder.StartAsync();
        var outcome = await run.Job.RunAsync("report", "--md", "nowhere/report.md");
        outcome.Code.ShouldBe(2);
        outcome.Errors.Single().ShouldContain("nowhere");
        outcome.Hints.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_run_that_does_not_exist_is_named()
    {
        await using var run = await RunFolder.StartAsync();
        var outcome = await run.Job.RunAsync("report", "--run", "r-7");
        outcome.Code.ShouldBe(2);
        outcome.Errors.Single().ShouldContain("\"r-7\"; its runs are r-1");
        outcome.Hints.Single().ShouldContain("Name one of these");
    }

    [Fact]
    public async Task A_target_that_cannot_be_read_leaves_the_rest_of_the_report()
    {
        await using var run = await RunFolder.StartAsync();
        Directory.CreateDirectory(run.Job.PathOf("out.csv"));
        var outcome = await run.Job.RunAsync("report");
        outcome.Code.ShouldBe(0, outcome.Err);
        outcome.Out.ShouldContain("out.csv is a folder");
        outcome.Out.ShouldContain("20 rows = ");
    }
}
