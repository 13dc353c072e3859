using System.Text.Json;
using Muster.Claude;
using Muster.Evals;
using Muster.Jobs;
using Muster.Pilots;
using Muster.Review;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Pilots;

public sealed class PilotLockerTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private static Task<Trial> StartAsync(double? pass = 0.5) =>
        Trial.StartAsync(rows: Some.Rows(60), job: job => job with { Pilot = new PilotSpec(20, pass) });

    private static Task<RunEnd> PilotAsync(Trial trial, ulong seed = 1) =>
        trial.RunAsync(options => options with { Scope = new RunScope(PilotStage.Pilot) { Seed = seed } });

    private static async Task<PilotLock> LockAsync(Trial trial, Action<string>? reached = null)
    {
        await using var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "test", TimeProvider.System);
        return await new PilotLocker(store, new PilotReader(store, store.ArchiveFolder, Prices.BuiltIn), trial.Job, "tester", TimeProvider.System, reached).LockAsync(Stop);
    }

    private static async Task<EvalSet> SetAsync(Trial trial)
    {
        var path = EvalSetFile.PathBeside(trial.Job);
        return EvalSetReader.Read(await File.ReadAllBytesAsync(path, Stop), path, trial.Job.Contract.SchemaJson);
    }

    private static string? Category(EvalCase one) => one.Expect["/category"].GetString();

    [Fact]
    public async Task A_pilot_that_passed_locks_its_version_and_leaves_an_eval_set_that_can_be_read()
    {
        await using var trial = await StartAsync();
        await PilotAsync(trial);

        var locked = await LockAsync(trial);

        locked.Rows.ShouldBe(20);
        locked.PassRate.ShouldBeGreaterThanOrEqualTo(0.5);
        var path = Path.Combine(trial.Job.Directory, "catalog.evalset.jsonl");
        var bytes = await File.ReadAllBytesAsync(path, Stop);
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)).ShouldBe(locked.EvalSetSha256);
        var set = EvalSetReader.Read(bytes, path, trial.Job.Contract.SchemaJson);
        set.Cases.Count.ShouldBe((int)Math.Round(locked.PassRate * locked.Rows));
        set.Fields["/category"].Kind.ShouldBe(CompareKind.Exact);
        set.Fields["/summary"].Kind.ShouldBe(CompareKind.Ignore);
        set.Cases.ShouldAllBe(one => one.Origin == "r-1" && one.InputHash!.Length == 32);
        (await LockAsync(trial)).EvalSetSha256.ShouldBe(locked.EvalSetSha256);
        (await trial.RunAsync()).Run.Unpiloted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_later_pilot_appends_a_version_and_keeps_the_earlier_set()
    {
        await using var trial = await StartAsync();
        await PilotAsync(trial);
        var first = await LockAsync(trial);
        await PilotAsync(trial, seed: 2);

        (await LockAsync(trial)).EvalSetSha256.ShouldNotBe(first.EvalSetSha256);

        File.Exists(Path.Combine(trial.Job.Directory, "catalog.evalset.v1.jsonl")).ShouldBeTrue();
        var path = Path.Combine(trial.Job.Directory, "catalog.evalset.jsonl");
        EvalSetReader.Read(await File.ReadAllBytesAsync(path, Stop), path, trial.Job.Contract.SchemaJson).Version.ShouldBe(2);
    }

    [Fact]
    public async Task What_people_made_of_a_row_is_its_case_and_what_they_refused_is_none()
    {
        await using var trial = await StartAsync();
        var end = await PilotAsync(trial);
        await LockAsync(trial);
        var keys = (await SetAsync(trial)).Cases.Select(one => one.Key).ToList();
        var desk = new ReviewDesk(trial.Job, end.Run, StoreFolder.Of(trial.Job), "ada", TimeProvider.System);
        await desk.DecideAsync(keys[0], new Verdict(Decision.Edit) { Settings = ["/category=Toys"] }, null, Stop);
        await desk.DecideAsync(keys[1], new Verdict(Decision.Reject) { Reason = "wrong" }, null, Stop);
        await desk.DecideAsync(keys[2], new Verdict(Decision.Reject) { Reason = "wrong" }, null, Stop);
        await desk.DecideAsync(keys[2], new Verdict(Decision.Edit) { Settings = ["/category=Tools"] }, null, Stop);

        (await LockAsync(trial)).Read.ShouldBe(3);

        var cases = (await SetAsync(trial)).Cases.ToDictionary(one => one.Key);
        cases.Keys.ShouldBe(keys.Where(key => key != keys[1]), ignoreOrder: true);
        (Category(cases[keys[0]]), cases[keys[0]].Origin).ShouldBe(("Toys", "review#1"));
        (Category(cases[keys[2]]), cases[keys[2]].Origin).ShouldBe(("Tools", "review#4"));
        cases.Values.Count(one => one.Origin == "r-1").ShouldBe(keys.Count - 3);
        await using var store = trial.Read();
        (await store.PilotLockAsync("catalog", end.Run.JobVersion, Stop))!.Read.ShouldBe(3);
    }

    [Fact]
    public async Task What_a_person_put_into_the_set_outlives_the_next_lock_and_the_next_pilot()
    {
        await using var trial = await StartAsync();
        var end = await PilotAsync(trial);
        await LockAsync(trial);
        var made = await SetAsync(trial);
        var stricter = new Comparator(CompareKind.Text) { Normalize = ["trim"] };
        List<EvalCase> cases = [.. made.Cases, new("made-up", made.Cases[2].Expect) { Input = new Dictionary<string, string> { ["name"] = "a shoe" } }];
        cases[0] = cases[0] with { MustPass = true };
        cases[1] = cases[1] with { Expect = new Dictionary<string, JsonElement> { ["/category"] = JsonSerializer.SerializeToElement("Toys") } };
        var path = EvalSetFile.PathBeside(trial.Job);
        var fields = new SortedDictionary<string, Comparator>(made.Fields.ToDictionary()) { ["/summary"] = stricter };
        await File.WriteAllBytesAsync(path, EvalSetWriter.Write(made with { Fields = fields, Cases = cases, Version = 2 }), Stop);
        var theirs = await File.ReadAllBytesAsync(path, Stop);

        await LockAsync(trial);

        (await File.ReadAllBytesAsync(path, Stop)).ShouldBe(theirs, "the same pilot adds nothing");
        await PilotAsync(trial, seed: 2);
        await using (var store = SqliteStore.Open(StoreFolder.Of(trial.Job), "test", TimeProvider.System))
        {
            var locker = new PilotLocker(store, new PilotReader(store, store.ArchiveFolder, Prices.BuiltIn), trial.Job, "tester", TimeProvider.System);
            await locker.LockAsync(Stop);
            locker.Carried!.Kept.ShouldBe([cases[0].Key, cases[1].Key, "made-up"], ignoreOrder: true);
            locker.Carried.KeptFields.ShouldBe(["/summary"]);
            locker.Carried.New.ShouldBeGreaterThan(0);
        }

        var next = await SetAsync(trial);
        next.Version.ShouldBe(3);
        next.Fields["/summary"].Kind.ShouldBe(CompareKind.Text);
        var byKey = next.Cases.ToDictionary(one => one.Key);
        byKey[cases[0].Key].MustPass.ShouldBeTrue();
        Category(byKey[cases[1].Key]).ShouldBe("Toys");
        byKey["made-up"].Input!["name"].ShouldBe("a shoe");
        next.Cases.Count(one => one.Origin == end.Run.Name).ShouldBe(2, "of the first pilot's own answers only those that a person changed stay");
        next.Cases.Count(one => one.Origin == "r-2").ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task What_did_not_pass_is_not_locked()
    {
        await using var trial = await StartAsync(pass: null);
        await trial.RunAsync(options => options with { Scope = new RunScope(PilotStage.Smoke) });
        (await Should.ThrowAsync<PilotLockException>(() => LockAsync(trial))).Message.ShouldContain("has no pilot");
        await PilotAsync(trial);
        (await Should.ThrowAsync<PilotLockException>(() => LockAsync(trial))).Hint.ShouldContain("pass");
        trial.Job = trial.Job with { Pilot = new PilotSpec(20, 0.5), Prompt = trial.Job.Prompt with { System = "Other." } };
        (await Should.ThrowAsync<PilotLockException>(() => LockAsync(trial))).Message.ShouldContain("r-2 piloted");
        trial.Job = trial.Job with { Contract = new ContractSpec("""{"type":"object","properties":{"category":{"type":"string","pattern":"^never$"}},"required":["category"]}""", "s.json") };
        await PilotAsync(trial);
        (await Should.ThrowAsync<PilotLockException>(() => LockAsync(trial))).Message.ShouldContain("passed 0 of");

        Directory.GetFiles(trial.Job.Directory, "*.evalset*").ShouldBeEmpty();
        (await Should.ThrowAsync<PilotRequiredException>(() => trial.RunAsync())).ExitCode.ShouldBe(ExitCodes.Unbalanced);
        (await trial.RunAsync(options => options with { Unpiloted = true })).Run.Unpiloted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_schema_that_changed_under_the_lock_is_told_and_its_eval_set_is_kept_beside_the_next()
    {
        await using var trial = await StartAsync();
        await PilotAsync(trial);
        await LockAsync(trial);
        await trial.RunAsync();
        trial.Job = trial.Job with
        {
            Contract = new ContractSpec("""{"type":"object","properties":{"kind":{"enum":["Shoes","Tools"]}},"required":["kind"]}""", "s.json"),
            Tiers = [trial.Job.Tiers[0]],
            Evals = new EvalSpec(Path.Combine(trial.Job.Directory, "catalog.evalset.jsonl")),
        };

        var refused = await Should.ThrowAsync<PilotRequiredException>(() => trial.RunAsync());
        refused.Message.ShouldContain("r-1 locked catalog@");
        refused.Message.ShouldContain("since then tier 2, the contract's schema, contract.human_queue changed.");
        var unfit = await Should.ThrowAsync<EvalSetException>(() => trial.RunAsync(options => options with { Unpiloted = true }));
        unfit.Message.ShouldContain("the contract has no field \"/category\"");
        unfit.Hint.ShouldContain("The contract changed since catalog@1 was closed.");

        await PilotAsync(trial);
        await LockAsync(trial);

        File.Exists(Path.Combine(trial.Job.Directory, "catalog.evalset.v1.jsonl")).ShouldBeTrue();
        EvalSetFile.Load(trial.Job.Evals.SetPath, trial.Job).Version.ShouldBe(2);
        (await trial.RunAsync()).Run.Unpiloted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("new.written")]
    [InlineData("old.copied")]
    [InlineData("old.kept")]
    [InlineData("new.named")]
    public async Task Cut_at_any_step_a_whole_eval_set_stands_under_its_name_and_locking_again_finishes(string step)
    {
        await using var trial = await StartAsync();
        await PilotAsync(trial);
        await LockAsync(trial);
        var path = Path.Combine(trial.Job.Directory, "catalog.evalset.jsonl");
        var before = await File.ReadAllBytesAsync(path, Stop);
        await PilotAsync(trial, seed: 2);

        await Should.ThrowAsync<KilledException>(() => LockAsync(trial, reached => { if (reached == step) throw new KilledException(); }));

        var now = await File.ReadAllBytesAsync(path, Stop);
        EvalSetReader.Read(now, path, trial.Job.Contract.SchemaJson).Version.ShouldBe(step == "new.named" ? 2 : 1);
        var locked = await LockAsync(trial);
        (await File.ReadAllBytesAsync(Path.Combine(trial.Job.Directory, "catalog.evalset.v1.jsonl"), Stop)).ShouldBe(before);
        locked.EvalSetSha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(path, Stop))));
        EvalSetReader.Read(await File.ReadAllBytesAsync(path, Stop), path, trial.Job.Contract.SchemaJson).Version.ShouldBe(2);
    }
}
