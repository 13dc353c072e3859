using Microsoft.Data.Sqlite;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Stores.Sqlite;
using Muster.Tests.Runs;

namespace Muster.Tests.Stores;

/// <summary>A page that was overwritten and a lock that another program holds, met by a real run.</summary>
public sealed class DamagedStoreTests
{
    private static readonly StoreLimits Impatient = new() { LockWaitSeconds = 1 };

    public enum Damage { Header, MiddlePage, Cut }

    [Theory]
    [InlineData(Damage.Header)]
    [InlineData(Damage.MiddlePage)]
    [InlineData(Damage.Cut)]
    public async Task A_damaged_store_ends_a_run_with_its_name_and_nothing_more_is_sent(Damage damage)
    {
        await using var trial = await HalfDoneAsync();
        var path = Database(trial.Job);
        Spoil(path, damage);
        var before = File.ReadAllBytes(path);
        var asked = trial.Api.Truth.RequestsAccepted;

        var refused = await Should.ThrowAsync<StoreException>(() => trial.RunAsync());

        refused.Message.ShouldStartWith($"{path} is damaged: ");
        refused.Hint.ShouldContain("nothing was repaired");
        trial.Api.Truth.RequestsAccepted.ShouldBe(asked);
        // A page in the middle is met when the run has written elsewhere.
        if (damage != Damage.MiddlePage)
            File.ReadAllBytes(path).ShouldBe(before);
    }

    [Fact]
    public async Task A_store_that_another_program_locks_when_it_is_opened_is_not_called_damaged()
    {
        await using var trial = await HalfDoneAsync();
        using (Lock(trial.Job))
        {
            ShouldSayLocked(await Should.ThrowAsync<StoreException>(() => trial.RunAsync(options => options with { Store = Impatient })), trial.Job);
            ShouldSayLocked(Should.Throw<StoreException>(() => SqliteStore.OpenForReading(StoreFolder.Of(trial.Job), Impatient)), trial.Job);
        }

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    [Fact]
    public async Task A_store_that_another_program_locks_in_the_middle_of_a_run_is_one_clear_refusal_and_the_run_goes_on()
    {
        await using var trial = await Trial.StartAsync();
        SqliteConnection? held = null;
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchSettled)
                held ??= Lock(trial.Job, exclusive: false);
        };
        ShouldSayLocked(await Should.ThrowAsync<StoreException>(() => trial.RunAsync(options => options with { Store = Impatient })), trial.Job);
        held.ShouldNotBeNull().Dispose();
        trial.Heard.OnEvent = null;

        await trial.ShouldBeDoneAsync(await trial.RunAsync());
    }

    private static async Task<Trial> HalfDoneAsync()
    {
        var trial = await Trial.StartAsync();
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchCreated)
                throw new KilledException();
        };
        await Should.ThrowAsync<KilledException>(() => trial.RunAsync());
        trial.Heard.OnEvent = null;
        return trial;
    }

    private static void ShouldSayLocked(StoreException refused, Job job)
    {
        refused.Message.ShouldStartWith($"Another program has {Database(job)} locked: ");
        refused.Hint.ShouldContain("Wait until it is done");
    }

    private static string Database(Job job) => Path.Combine(StoreFolder.Of(job), "muster.db");

    /// <summary>Another program's transaction, which readers too must wait for when it is exclusive.</summary>
    private static SqliteConnection Lock(Job job, bool exclusive = true)
    {
        var connection = new SqliteConnection($"Data Source={Database(job)};Pooling=False");
        connection.Open();
        if (exclusive)
            connection.Execute("pragma locking_mode = exclusive");
        connection.Execute("begin exclusive");
        return connection;
    }

    private static void Spoil(string path, Damage damage)
    {
        int size, page;
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            size = (int)connection.Scalar<long>("pragma page_size");
            page = (int)connection.Scalar<long>("select rootpage from sqlite_master where name = 'request'");
        }

        var bytes = File.ReadAllBytes(path);
        if (damage == Damage.Header)
            bytes.AsSpan(0, 4096).Fill(0x5A);
        else if (damage == Damage.MiddlePage)
            bytes.AsSpan((page - 1) * size, size).Fill(0x5A);
        File.WriteAllBytes(path, damage == Damage.Cut ? bytes[..(bytes.Length / 2)] : bytes);
    }
}
