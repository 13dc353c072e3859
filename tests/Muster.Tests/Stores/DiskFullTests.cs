using System.ComponentModel;
using System.Diagnostics;
using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;
using Muster.Tests.Runs;

namespace Muster.Tests.Stores;

/// <summary>A real file system without room under a real run, enlarged a little after each refusal until the run ends.</summary>
public sealed class DiskFullTests
{
    private const int Rows = 260;
    private const int FirstKibibytes = 64;
    private const int StepKibibytes = 160;
    private const int MaxRefusals = 80;
    private const int FirstPages = 4;
    private const int PageStep = 3;

    [Fact]
    public async Task A_disk_that_fills_up_anywhere_in_a_run_is_one_clear_refusal_and_the_run_goes_on_when_there_is_room()
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { BatchRows = 60 } }, rows: Some.Rows(Rows));
        var folder = StoreFolder.Of(trial.Job);
        Directory.CreateDirectory(folder);
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={FirstKibibytes}k", "tmpfs", folder))
            Assert.Skip("Mounting a small file system is refused here.");
        try
        {
            var kibibytes = FirstKibibytes;
            var stages = new HashSet<string>();
            RunEnd? end = null;
            for (var refusals = 0; end is null; refusals++)
            {
                refusals.ShouldBeLessThan(MaxRefusals);
                var heard = trial.Heard.Events.Count;
                try
                {
                    end = await trial.RunAsync();
                }
                catch (DiskFullException refusal)
                {
                    refusal.Message.ShouldContain($"The disk is full at {folder}");
                    refusal.Hint.ShouldContain("run again");
                    stages.Add(trial.Heard.Events.Count > heard ? trial.Heard.Events[^1].Kind.ToString() : "Open");
                    kibibytes += StepKibibytes;
                    Run("mount", "-o", $"remount,size={kibibytes}k", folder).ShouldBeTrue();
                }
            }

            await trial.ShouldBeDoneAsync(end);
            (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(Rows);
            trial.Api.Truth.RequestsAccepted.ShouldBe(trial.Api.Truth.PairsAccepted);
            trial.Heard.Events.ShouldNotContain(e => e.Text.Contains("downloading again", StringComparison.Ordinal));
            Directory.GetFiles(Path.Combine(folder, "archive"), "*.part").ShouldBeEmpty();
            stages.Count.ShouldBeGreaterThanOrEqualTo(4, string.Join(", ", stages));
        }
        finally
        {
            Run("umount", "-l", folder);
        }
    }

    [Fact]
    public async Task A_database_that_may_not_grow_is_one_clear_refusal_wherever_it_is_met_and_the_run_goes_on_when_it_may()
    {
        await using var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { BatchRows = 60 } }, rows: Some.Rows(Rows));
        var folder = StoreFolder.Of(trial.Job);
        var pages = FirstPages;
        var stages = new HashSet<string>();
        RunEnd? end = null;
        for (var refusals = 0; end is null; refusals++)
        {
            refusals.ShouldBeLessThan(MaxRefusals);
            var heard = trial.Heard.Events.Count;
            try
            {
                end = await trial.RunAsync(options => options with { Store = new StoreLimits { MaxPages = pages } });
            }
            catch (DiskFullException refusal)
            {
                refusal.Message.ShouldContain($"The disk is full at {folder}");
                stages.Add(trial.Heard.Events.Count > heard ? trial.Heard.Events[^1].Kind.ToString() : "Open");
                pages += PageStep;
            }
        }

        await trial.ShouldBeDoneAsync(end);
        (end.Ledger.Succeeded + end.Ledger.HumanQueued).ShouldBe(Rows);
        trial.Api.Truth.RequestsAccepted.ShouldBe(trial.Api.Truth.PairsAccepted);
        stages.Count.ShouldBeGreaterThanOrEqualTo(3, string.Join(", ", stages));
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
