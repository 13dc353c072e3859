using System.Text.RegularExpressions;
using Muster.Claude;
using Muster.Jobs;
using Muster.Reports;
using Muster.Runs;
using Muster.Simulator;
using Muster.Simulator.Faults;
using Muster.Stores;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Reports;

/// <summary>What a report counts over a real run agrees with its books.</summary>
public sealed partial class ReportReadingTests
{
    private const string CategorySchema =
        """{"type":"object","required":["category"],"properties":{"category":{"enum":["Shoes","Tools","Toys",null]},"summary":{"type":"string","maxLength":119},"say \"when\"":{"enum":["now"]}}}""";

    [Fact]
    public async Task The_ladder_has_every_row_and_every_token_of_the_books_once()
    {
        var (account, _) = await RunAsync(rows: 60, category: null, new FaultPlan { Models = [new ModelFaults { Model = "claude-haiku-4-5", Violation = 0.3 }] });
        var ladder = account.Picture!.Ladder;
        var second = ladder.Flows.Where(flow => flow.Tier == 1).Sum(flow => flow.Rows);
        second.ShouldBeInRange(5, 40);
        ladder.Uses.Single(use => use is { HasClimbed: true, Usage.Tier: 0 }).Usage.Requests.ShouldBe(second, "one request each was paid before a row went on");
        ladder.Uses.Single(use => use is { HasClimbed: false, Usage.Tier: 0 }).Usage.Requests.ShouldBe(60 - second);
        ladder.Uses.Where(use => use.Usage.Tier == 1).ShouldAllBe(use => !use.HasClimbed);
        ladder.Flows.Sum(flow => flow.Rows).ShouldBe(account.Ledger.Rows);
        ladder.Flows.Where(flow => flow.State == RowState.Succeeded).Sum(flow => flow.Rows).ShouldBe(account.Ledger.Succeeded);
        foreach (var tier in account.Usage.Select(usage => usage.Tier).Distinct())
        {
            long Sum(IEnumerable<Usage> usage, Func<Usage, long> part) => usage.Where(one => one.Tier == tier).Sum(part);
            foreach (var part in (Func<Usage, long>[])[u => u.Requests, u => u.InputTokens, u => u.OutputTokens, u => u.CostPicoUsd, u => u.SyncPicoUsd, u => u.Unpriced])
                Sum(ladder.Uses.Select(use => use.Usage), part).ShouldBe(Sum(account.Usage, part));
        }

        account.Savings.CostPicoUsd.ShouldBe(account.Spend.CostPicoUsd);
        account.Savings.Tiers[0].EstimatedPicoUsd.ShouldBeGreaterThan(account.Savings.Tiers[0].CostPicoUsd / 20);
    }

    [Fact]
    public async Task Categories_stand_beside_the_source_s_own_column()
    {
        var (account, _) = await RunAsync(rows: 30, category: i => i % 3 == 0 ? "Tools" : i % 5 == 0 ? "Quite other" : i % 7 == 0 ? "" : "Shoes");
        var shift = account.Picture!.Categories.ShouldHaveSingleItem("a property with quotation marks has no path");
        shift.Property.ShouldBe("category");
        shift.Labels.ShouldBe(["Shoes", "Tools", "Toys", "(none)", "(other)"]);
        shift.Rows.ShouldBe(account.Ledger.Succeeded);
        shift.BeforeRows.ShouldBe(account.Ledger.Succeeded);
        shift.BeforeFrom!.ShouldContain("category");
        shift.Before[1].ShouldBeGreaterThan(0);
        shift.Before[3].ShouldBeGreaterThan(0);
        shift.Before[4].ShouldBeGreaterThan(0);
        shift.Changed!.Value.ShouldBeInRange(shift.Before[4], shift.Rows);
    }

    [Fact]
    public async Task Without_such_a_column_the_earlier_run_is_what_was_before()
    {
        var folder = Some.Folder();
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true });
        var job = Job(folder, 30, null);
        (await ReadAsync(job, api, 1)).Picture!.Categories.Single().BeforeFrom.ShouldBeNull();
        var second = await ReadAsync(job, api, 2, anew: true);
        second.Run.Name.ShouldBe("r-2");
        second.Picture!.Categories.Single().BeforeFrom.ShouldBe("the accepted rows of r-1");
        second.Picture.Categories.Single().BeforeRows.ShouldBeGreaterThan(0);
        second.Picture.Categories.Single().Changed.ShouldBeNull();
    }

    [Fact]
    public async Task The_page_is_balanced_and_holds_no_open_markup()
    {
        var (account, text) = await RunAsync(rows: 25, category: null);
        text.ShouldContain("Balances: every row is in one of these states.");
        text.ShouldContain($"<b>{Amount.Grouping(account.Ledger.Rows)}</b>");
        text.ShouldContain("Not measured.");
        foreach (var name in (string[])["section", "figure", "table", "div", "p", "svg", "dl", "details", "main", "header"])
            Regex.Count(text, $"<{name}[ >]").ShouldBe(Regex.Count(text, $"</{name}>"), name);
        Address().Matches(text).Select(match => match.Value).Distinct().ShouldBe(["http://www.w3.org/2000/svg"], "the name of a language, which is not fetched");
        text.ShouldNotContain("<script", Case.Insensitive);
    }

    [Fact]
    public void Hostile_words_are_nowhere_markup()
    {
        using var text = new StringWriter();
        new ReportPage(SomeAccount.Of(foreign: SomeAccount.Hostile), SomeAccount.Hostile, SomeAccount.Start).Write(text);
        text.ToString().ShouldNotContain("<script", Case.Insensitive);
        text.ToString().ShouldNotContain("<img", Case.Insensitive);
        text.ToString().ShouldNotContain("\u202e");
    }

    [Fact]
    public void What_is_measured_takes_the_place_of_the_command()
    {
        var account = SomeAccount.Of() with { Eval = new ReportedFacts("197 of 200 cases pass.", [new("set", "catalog v3")]) };
        using var text = new StringWriter();
        new ReportPage(account, null, SomeAccount.Start).Write(text);
        text.ToString().ShouldContain("197 of 200 cases pass.");
        text.ToString().ShouldContain("catalog v3");
        text.ToString().ShouldNotContain("Not measured");
        using var markdown = new StringWriter();
        RunAccountMarkdown.Write(account, markdown);
        markdown.ToString().ShouldContain("## Eval set");
        markdown.ToString().ShouldContain("## What the tiers saved");
    }

    [Theory]
    [InlineData("rerun", "Nothing of this run is promoted.")]
    [InlineData("full", "Nothing of this run is promoted.")]
    [InlineData("pilot", "Runs over picked rows are never promoted.")]
    [InlineData("eval", "Runs over picked rows are never promoted.")]
    public void What_is_not_promoted_is_said_by_kind(string kind, string sentence)
    {
        var account = SomeAccount.Of();
        using var text = new StringWriter();
        new ReportPage(account with { Report = account.Report with { Run = account.Run with { Kind = kind } }, Promotions = [] }, null, SomeAccount.Start).Write(text);
        text.ToString().ShouldContain(sentence);
    }

    [Fact]
    public void Without_rows_no_word_of_them_is_left()
    {
        var account = RowWords.Removed(SomeAccount.Of(foreign: "XYZZY") with { Eval = new ReportedFacts("XYZZY fails.", []), Review = null });
        // What the job itself and the service say is not of the rows: file names, categories of the contract, models, accounts.
        account = account with { Picture = account.Picture! with { Categories = [] } };
        using var text = new StringWriter();
        new ReportPage(account, null, SomeAccount.Start).Write(text);
        var words = text.ToString().Split('\n').Where(line => line.Contains("XYZZY", StringComparison.Ordinal)).ToList();
        words.ShouldAllBe(line => line.Contains("productsXYZZY.csv", StringComparison.Ordinal) || line.Contains("sonnet-5-5XYZZY", StringComparison.Ordinal) || line.Contains("adaXYZZY", StringComparison.Ordinal)
            || line.Contains("/summaryXYZZY", StringComparison.Ordinal));
        text.ToString().ShouldNotContain("p-00017");
    }

    private static async Task<(RunAccount Account, string Page)> RunAsync(int rows, Func<int, string>? category, FaultPlan? faults = null)
    {
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true, Faults = faults ?? FaultPlan.None });
        var account = await ReadAsync(Job(Some.Folder(), rows, category), api, 1);
        using var text = new StringWriter();
        new ReportPage(account, "job.yaml", SomeAccount.Start).Write(text);
        return (account, text.ToString());
    }

    private static async Task<RunAccount> ReadAsync(Job job, SimulatedApi api, int seed, bool anew = false)
    {
        await using (var runner = Runner.Open(job, Some.Claude(api), Some.Options(seed: seed) with { Anew = anew }))
            (await runner.RunAsync(TestContext.Current.CancellationToken)).Outcome.ShouldBe(RunOutcome.Done);
        await using var store = SqliteStore.OpenForReading(StoreFolder.Of(job))!;
        var run = (await store.RunsAsync(TestContext.Current.CancellationToken))[^1];
        return await new RunAccountReader(store, null, null, Prices.BuiltIn).ReadAsync(run, AccountScope.Page, TestContext.Current.CancellationToken);
    }

    private static Job Job(string folder, int rows, Func<int, string>? category)
    {
        var job = Some.Job(folder);
        File.WriteAllText(Path.Combine(folder, "products.csv"), $"sku,name{(category is null ? "" : ",Category")}\n"
            + string.Concat(Enumerable.Range(1, rows).Select(i => $"p-{i:D5},Running shoes number {i}{(category is null ? "" : $",{category(i)}")}\n")));
        return job with { Contract = new ContractSpec(CategorySchema, "schema.json") { HumanQueueJson = job.Contract.HumanQueueJson } };
    }

    [GeneratedRegex("(?:https?:)?//[a-z0-9.-]+[^\"' <]*")]
    private static partial Regex Address();
}
