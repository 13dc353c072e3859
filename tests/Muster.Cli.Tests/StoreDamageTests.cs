namespace Muster.Cli.Tests;

/// <summary>A store that was damaged, cut or lost is named by every command, and none of them repairs it.</summary>
public sealed class StoreDamageTests
{
    public enum Damage { Header, MiddlePage, Cut }

    [Theory]
    [InlineData(Damage.Header)]
    [InlineData(Damage.MiddlePage)]
    [InlineData(Damage.Cut)]
    public async Task A_damaged_store_is_refused_by_name_and_left_as_it_is(Damage damage)
    {
        await using var run = await RunFolder.StartAsync();
        Spoil(run.Job, damage);
        var before = await File.ReadAllBytesAsync(run.Job.PathOf(".muster/muster.db"), TestContext.Current.CancellationToken);

        foreach (var command in (string[])["run", "status", "report", "reconcile"])
        {
            var outcome = await run.Job.RunAsync(command);
            outcome.Code.ShouldBe(1, $"{command}: {outcome.Out}{outcome.Err}");
            outcome.Errors.Single().ShouldContain(run.Job.PathOf(".muster/muster.db") + " is damaged: ", customMessage: command);
            outcome.Err.ShouldContain("Try: Restore the folder from a backup");
        }

        (await File.ReadAllBytesAsync(run.Job.PathOf(".muster/muster.db"), TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    [Fact]
    public async Task A_lost_store_is_refused_and_named()
    {
        await using var run = await RunFolder.StartAsync();
        File.Delete(run.Job.PathOf(".muster/muster.db"));
        var asked = run.Api.Truth.RequestsAccepted;

        foreach (var command in (string[])["run", "status", "check", "doctor", "purge r-1 --dry-run", "purge r-1 --yes", "pilot --lock"])
        {
            var outcome = await run.Job.RunAsync(command.Split(' '));
            outcome.Code.ShouldBe(1, $"{command}: {outcome.Out}{outcome.Err}");
            outcome.Err.ShouldContain("muster.db is missing, although beside it lie");
        }

        run.Api.Truth.RequestsAccepted.ShouldBe(asked);
        File.Exists(run.Job.PathOf(".muster/muster.db")).ShouldBeFalse();
    }

    private static void Spoil(JobFolder job, Damage damage)
    {
        const string database = ".muster/muster.db";
        if (damage == Damage.MiddlePage)
        {
            job.Damage("run");
            return;
        }

        var bytes = File.ReadAllBytes(job.PathOf(database));
        if (damage == Damage.Header)
            bytes.AsSpan(0, 4096).Fill(0x5A);
        job.Write(database, damage == Damage.Cut ? bytes[..(bytes.Length / 2)] : bytes);
    }
}
