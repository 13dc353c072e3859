using System.Text;
using System.Text.Json;
using Muster.Claude;
using Muster.Evals;
using Muster.Handoffs;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Runs;
using Muster.Simulator;
using Muster.Tests.Reports;

namespace Muster.Tests.Handoffs;

/// <summary>A run's folder for another team: whole, checkable, without a secret, and nobody's own files are lost for it.</summary>
public sealed class HandoffTests
{
    private const string Key = "sk-ant-PLANTED-api03-abcdefgh";
    private const string Password = "hunter2-PLANTED";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_folder_holds_what_is_needed_and_is_as_its_manifest_says()
    {
        var job = await RunAsync();
        var folder = Path.Combine(Some.Folder(), "handover");
        var receipt = await Handoff.WriteAsync(job, folder, Options(job), Token);
        receipt.Files.Select(file => file.Name).ShouldBe(
            ["RUNBOOK.md", "catalog.job.yaml", "contract.schema.json", "drift.json", "handoff.json", "ledger.json", "prices.json", "quarantine.csv", "receipts.json", "report.html", "report.md"], ignoreOrder: true);
        (await Handoff.CheckAsync(folder, Token)).IsWhole.ShouldBeTrue();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var path in Directory.GetFiles(folder))
                File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, path);
        }

        foreach (var path in Directory.GetFiles(folder, "*.json"))
            JsonDocument.Parse(File.ReadAllText(path)).Dispose();
        File.ReadAllText(Path.Combine(folder, "drift.json")).ShouldContain("\"schema\": \"muster.handoff-drift/1\"", Case.Sensitive, "it has other fields than `muster drift --json`");
        File.ReadAllText(Path.Combine(folder, "report.html")).ShouldContain("Balances: every row");
        Directory.GetFileSystemEntries(Path.GetDirectoryName(folder)!).ShouldHaveSingleItem();
    }

    private const string SetHeader = """{"evalset":"gold","version":2,"fields":{"/category":{"compare":"exact"}}}""";
    private const string SetCase = """{"key":"p-00002","expect":{"/category":"Shoes"}}""";

    [Fact]
    public async Task The_eval_set_that_rode_in_the_run_is_in_it_whatever_the_file_says_by_now()
    {
        var job = await RunAsync(change: job => WithSet(job, "gold.jsonl", goldRows: 1));
        File.AppendAllText(job.Evals!.SetPath, """{"key":"p-00003","expect":{"/category":"Toys"}}""" + "\n");
        var (files, runbook) = await WrittenAsync(job);
        var set = EvalSetReader.Read(Encoding.UTF8.GetBytes(files["evalset.jsonl"]), "evalset.jsonl", job.Contract.SchemaJson);
        set.Cases.ShouldHaveSingleItem().Key.ShouldBe("p-00002");
        runbook.ShouldContain("| `evalset.jsonl` | the eval set gold@2, with which the run was opened |");
    }

    [Theory]
    [InlineData("gold.jsonl")]
    [InlineData("catalog.evalset.jsonl")]
    public async Task Without_one_in_the_run_the_job_s_own_eval_set_is_in_it_as_people_left_it(string name)
    {
        var job = await RunAsync(change: job => name == "gold.jsonl" ? WithSet(job, name, goldRows: 0) : job);
        var text = $"{SetHeader}\n{SetCase}\n";
        File.WriteAllText(Path.Combine(job.Directory, name), text);
        var (files, runbook) = await WrittenAsync(job);
        files["evalset.jsonl"].ShouldBe(text);
        runbook.ShouldContain("| `evalset.jsonl` | the job's eval set gold@2 |");
        runbook.ShouldNotContain("Not here: evalset");

        File.WriteAllText(Path.Combine(job.Directory, name), "{}\n");
        (files, runbook) = await WrittenAsync(job);
        files.ShouldNotContainKey("evalset.jsonl");
        runbook.ShouldContain($"- Not here: evalset.jsonl: {name} cannot be used: ");
        runbook.ShouldNotContain("| `evalset.jsonl` |");
        File.Delete(Path.Combine(job.Directory, name));
        (_, runbook) = await WrittenAsync(job);
        runbook.ShouldContain("- Not here: evalset.jsonl: the run carried none, and the job has none by now.");
    }

    private static Job WithSet(Job job, string name, int goldRows)
    {
        var path = Path.Combine(job.Directory, name);
        File.WriteAllText(path, $"{SetHeader}\n{SetCase}\n");
        return job with { Evals = new EvalSpec(path) { GoldRows = goldRows } };
    }

    private static async Task<(Dictionary<string, string> Files, string Runbook)> WrittenAsync(Job job)
    {
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        var files = Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
        return (files, files["RUNBOOK.md"]);
    }

    [Fact]
    public async Task The_job_in_it_has_the_version_of_the_run()
    {
        var job = await RunAsync(change: job => job with
        {
            Prompt = new PromptSpec("Line one:\n  \"two\" 👟 \u0007{{name}} # no comment", "{{name}}: {{list}}", new Dictionary<string, string> { ["list"] = "- a\n- b: c" }),
            Tiers =
            [
                new TierSpec("claude-haiku-4-5", 300) { StructuredOutput = false, Params = new Dictionary<string, string> { ["temperature"] = "0.5", ["stop_sequences"] = "[\"\\n\\n\"]" } },
                new TierSpec("claude-sonnet-5-5", 2000) { Thinking = ThinkingKind.Disabled, Effort = "low", ExpectedOutputTokens = 90 },
            ],
            Budget = new BudgetSpec(12.5m, 1, 0.25), Pilot = new PilotSpec(50, 0.9, Required: false), Slices = ["name"],
        });
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        var frozen = JobFile.Load(Path.Combine(folder, "catalog.job.yaml"));
        JobVersion.Of(frozen).ShouldBe(JobVersion.Of(job));
        JobSnapshot.ToJson(frozen with { Directory = "", Contract = job.Contract }).ShouldBe(JobSnapshot.ToJson(job with { Directory = "" }));
    }

    [Fact]
    public void The_runbook_of_a_rerun_promotes_it_and_resumes_nothing()
    {
        var account = SomeAccount.Of();
        account = account with { Report = account.Report with { Run = account.Run with { Kind = RunKinds.Rerun } } };
        var text = new Runbook(account, new RunbookPlace("/data/catalog/catalog.job.yaml", null, "/data/catalog/.muster"), null, []).Text(SomeAccount.Start);
        text.ShouldContain("muster promote /data/catalog/catalog.job.yaml --run r-4\n");
        text.ShouldContain("muster rerun /data/catalog/catalog.job.yaml --run r-4 --select");
        text.ShouldContain("r-4 is done: there is nothing to resume.\n");
        text.ShouldNotContain("never promoted");
    }

    [Fact]
    public async Task The_prices_in_it_price_the_run_as_it_was()
    {
        var job = await RunAsync();
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        var prices = new Prices(PriceFile.Read(Path.Combine(folder, "prices.json")));
        foreach (var model in (string[])["claude-haiku-4-5", "claude-sonnet-5-5"])
        {
            var tokens = new PricedTokens(1_000, 200, 30, 40, 50);
            prices.PicoUsd(tokens, model, new DateOnly(2026, 11, 21)).ShouldBe(Prices.BuiltIn.PicoUsd(tokens, model, new DateOnly(2026, 11, 21)));
            prices.PicoUsd(tokens, model, new DateOnly(2026, 9, 1)).ShouldBe(Prices.BuiltIn.PicoUsd(tokens, model, new DateOnly(2026, 9, 1)));
        }
    }

    [Fact]
    public async Task A_planted_secret_is_in_no_file()
    {
        var job = await RunAsync(
            rows: [.. Some.Rows(5), $"p-00001,see https://ada:{Password}@example.com/x and {Key}"],
            change: job => job with
            {
                Tiers = [new TierSpec("claude-haiku-4-5", 300) { Params = new Dictionary<string, string> { ["metadata"] = $$"""{"user_id":"u","authorization_token":"{{Password}}"}""" } }],
                Prompt = job.Prompt with { System = $"Ask https://ada:{Password}@example.com" },
                Alerts = new AlertSpec(Slack: new Uri($"https://hooks.example.com/T000/{Password}")),
            });
        var folder = Path.Combine(Some.Folder(), "handover");
        var receipt = await Handoff.WriteAsync(job, folder, Options(job) with { BaseUrl = new Uri($"https://ada:{Password}@gate.example.com/api?key={Key}"), Secrets = [Key] }, Token);
        foreach (var path in Directory.GetFiles(folder))
        {
            var text = File.ReadAllText(path);
            text.ShouldNotContain(Password, Case.Sensitive, path);
            text.ShouldNotContain(Key, Case.Sensitive, path);
        }

        receipt.Redacted.ShouldBeGreaterThan(0);
        File.ReadAllText(Path.Combine(folder, "RUNBOOK.md")).ShouldContain("export ANTHROPIC_BASE_URL=https://gate.example.com/api\n");
    }

    [Fact]
    public async Task Without_rows_none_of_their_words_is_in_any_file()
    {
        var job = await RunAsync(rows: [.. Some.Rows(8), "p-00001,XYZZY again"]);
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job) with { Rows = HandoffRows.Without }, Token);
        File.Exists(Path.Combine(folder, "quarantine.csv")).ShouldBeFalse();
        foreach (var path in Directory.GetFiles(folder))
        {
            var text = File.ReadAllText(path);
            text.ShouldNotContain("XYZZY", Case.Sensitive, path);
            text.ShouldNotContain("p-0000", Case.Sensitive, path);
            text.ShouldNotContain("light sole", Case.Sensitive, path);
        }

        File.ReadAllText(Path.Combine(folder, "RUNBOOK.md")).ShouldContain("Not here: quarantine.csv");
    }

    [Fact]
    public async Task A_cell_that_would_calculate_does_not()
    {
        var job = await RunAsync(rows: ["\"=HYPERLINK(\"\"http://x\"\")\",shoes"],
            change: job => job with { Contract = new ContractSpec("""{"type":"object","required":["n"],"properties":{"n":{"type":"integer","minimum":5,"maximum":4}}}""", "schema.json") });
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        File.ReadAllText(Path.Combine(folder, "quarantine.csv")).ShouldContain("\n\"'=HYPERLINK");
    }

    [Fact]
    public async Task Its_own_folder_is_replaced_and_anybody_else_s_is_refused_or_moved_aside()
    {
        var job = await RunAsync();
        var parent = Some.Folder();
        var folder = Path.Combine(parent, "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        (await Handoff.WriteAsync(job, folder, Options(job), Token)).MovedAside.ShouldBeNull();
        Directory.GetDirectories(parent).ShouldHaveSingleItem();

        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        var refusal = await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(job, folder, Options(job), Token));
        refusal.Message.ShouldContain("notes.txt");
        refusal.Hint.ShouldContain("--force");
        var moved = (await Handoff.WriteAsync(job, folder, Options(job) with { Replace = HandoffReplace.MoveAside }, Token)).MovedAside.ShouldNotBeNull();
        File.ReadAllText(Path.Combine(moved, "notes.txt")).ShouldBe("mine");
        (await Handoff.CheckAsync(folder, Token)).IsWhole.ShouldBeTrue();

        var foreign = Directory.CreateDirectory(Path.Combine(parent, "photos")).FullName;
        File.WriteAllText(Path.Combine(foreign, "MANIFEST"), "mine");
        foreach (var replace in Enum.GetValues<HandoffReplace>())
            (await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(job, foreign, Options(job) with { Replace = replace }, Token))).Message.ShouldContain("not a handoff");
        (await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(job, Path.Combine(foreign, "MANIFEST"), Options(job), Token))).Message.ShouldContain("is a file");
        File.ReadAllText(Path.Combine(foreign, "MANIFEST")).ShouldBe("mine");
    }

    [Fact]
    public async Task The_job_s_own_folder_is_never_moved_aside()
    {
        var job = await RunAsync();
        foreach (var folder in (string[])[job.Directory, job.Directory + Path.DirectorySeparatorChar, Path.Combine(job.Directory, ".muster"), Path.GetDirectoryName(job.Directory)!])
        {
            (await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(job, folder, Options(job) with { Replace = HandoffReplace.MoveAside }, Token))).Message.ShouldContain("holds the job");
        }

        (await Handoff.WriteAsync(job, Path.Combine(job.Directory, "handover") + Path.DirectorySeparatorChar, Options(job), Token)).Files.Count.ShouldBeGreaterThan(5);
        Directory.GetDirectories(job.Directory).Select(Path.GetFileName).Order().ShouldBe([".muster", "handover"]);
    }

    [Fact]
    public async Task A_handoff_stands_in_no_other_and_in_no_place_that_is_in_use()
    {
        var job = await RunAsync();
        var parent = Some.Folder();
        var folder = Path.Combine(parent, "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        var beside = Path.Combine(parent, "beside");
        Directory.CreateSymbolicLink(beside, folder);
        var job2 = Path.Combine(parent, "job2");
        Directory.CreateSymbolicLink(job2, Path.GetDirectoryName(job.Directory)!);
        var elsewhere = Directory.CreateDirectory(Path.Combine(parent, "data")).FullName;
        var reading = job with { Source = job.Source with { Paths = [Path.Combine(elsewhere, "rows.csv")] } };
        foreach (var (place, of, message) in ((string, Job, string)[])
        [
            (Path.Combine(folder, "sub"), job, "lies in another handoff"), (Path.Combine(folder, "a", "b"), job, "lies in another handoff"),
            (Path.Combine(beside, "sub"), job, "lies in another handoff"), (beside, job, "is a link"),
            (Path.Combine(job.Directory, ".muster", "handover"), job, "lies in the job's state"), (Path.Combine(job2, Path.GetFileName(job.Directory)), job, "holds the job"),
            ("/", job, "is the root"), (Environment.CurrentDirectory, job, "holds the folder that you are in"),
            (Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), job, "holds your home folder"), (elsewhere, reading, "holds the job's source"),
        ])
        {
            var refusal = await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(of, place, Options(of) with { Replace = HandoffReplace.MoveAside }, Token), place);
            refusal.Message.ShouldContain(message);
            refusal.Hint.ShouldContain("Name a");
        }

        (await Handoff.CheckAsync(folder, Token)).IsWhole.ShouldBeTrue();
        Directory.GetFileSystemEntries(parent).Length.ShouldBe(4);
    }

    [Fact]
    public async Task A_leftover_of_a_killed_write_is_no_obstacle_and_a_failed_one_leaves_the_old_folder()
    {
        var job = await RunAsync();
        var parent = Some.Folder();
        var folder = Path.Combine(parent, "handover");
        Directory.CreateDirectory(Path.Combine(parent, ".handover.muster-partial", "half"));
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        Directory.GetFileSystemEntries(parent).ShouldHaveSingleItem();
        // Where the partial folder should stand is a file: nothing can be written.
        File.WriteAllText(Path.Combine(parent, ".handover.muster-partial"), "");
        await Should.ThrowAsync<HandoffException>(() => Handoff.WriteAsync(job, folder, Options(job), Token));
        (await Handoff.CheckAsync(folder, Token)).IsWhole.ShouldBeTrue();
    }

    [Fact]
    public async Task The_check_names_what_was_changed_removed_and_added()
    {
        var job = await RunAsync();
        var folder = Path.Combine(Some.Folder(), "handover");
        await Handoff.WriteAsync(job, folder, Options(job), Token);
        File.AppendAllText(Path.Combine(folder, "ledger.json"), " ");
        File.Delete(Path.Combine(folder, "prices.json"));
        Directory.CreateDirectory(Path.Combine(folder, "more"));
        var check = await Handoff.CheckAsync(folder, Token);
        check.IsWhole.ShouldBeFalse();
        check.Changed.ShouldBe(["ledger.json"]);
        check.Missing.ShouldBe(["prices.json"]);
        check.Unlisted.ShouldBe(["more"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a checksum\n")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  ../outside\n")]
    [InlineData("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /etc/passwd\n")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855  report.md\n")]
    public async Task A_manifest_that_points_out_of_the_folder_is_refused(string manifest)
    {
        var folder = Some.Folder();
        File.WriteAllText(Path.Combine(folder, "handoff.json"), """{"schema":"muster.handoff-folder/1"}""");
        File.WriteAllText(Path.Combine(folder, "MANIFEST"), manifest);
        (await Should.ThrowAsync<HandoffException>(() => Handoff.CheckAsync(folder, Token))).Message.ShouldContain("MANIFEST");
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("with space", "'with space'")]
    [InlineData("$(rm -rf ~)", "'$(rm -rf ~)'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("-x", "'-x'")]
    [InlineData("", "''")]
    public void A_word_is_quoted_for_the_shell(string word, string quoted) => Shell.Quoted(word).ShouldBe(quoted);

    private static HandoffOptions Options(Job job) => new() { JobFile = Path.Combine(job.Directory, "catalog.job.yaml") };

    private static async Task<Job> RunAsync(IReadOnlyList<string>? rows = null, Func<Job, Job>? change = null)
    {
        var job = Some.Job(Some.Folder(), rows ?? [.. Some.Rows(12), "p-00001,again"]);
        job = job with { Target = new TargetSpec(TargetKind.Csv, Path.Combine(job.Directory, "out.csv"), "sku", [new ColumnSpec("category", "/category")]) };
        job = change?.Invoke(job) ?? job;
        await using var api = await SimulatedApi.StartAsync(new SimulatorOptions { Instant = true });
        await using var runner = Runner.Open(job, Some.Claude(api), Some.Options());
        var end = await runner.RunAsync(Token);
        end.Outcome.ShouldBe(RunOutcome.Done);
        var promotions = Promotions.Open(job, new PromotionsOptions { Chance = Chance.Seeded(1) });
        await promotions.ApplyAsync(runner, await promotions.PlanAsync(runner, end.Run, Token), Token);
        return job;
    }
}
