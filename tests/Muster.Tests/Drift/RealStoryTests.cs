using Muster.Drift;
using Muster.Promotion;
using Muster.Runs;
using Muster.Selections;
using Muster.Verdicts;

namespace Muster.Tests.Drift;

public sealed class RealStoryTests
{
    [Fact]
    public async Task A_biased_run_of_the_real_catalog_is_held_mended_by_a_rerun_and_promoted_row_by_row()
    {
        var story = new RealStory(20_000);
        await using var honest = await story.ApiAsync(isBiased: false);
        (await story.RunAsync(honest, story.Job)).Outcome.ShouldBe(RunOutcome.Done);
        var first = await story.DriftAsync("r-1");
        first.WhyAlone.ShouldBe("No run before r-1 was promoted, or its promotion was taken back.");
        first.Report.Blocks.ShouldBeFalse();
        first.Report.Findings.Single(finding => finding.Check == "A1").Severity.ShouldBe(Severity.Ok);
        await story.PromoteAsync("r-1");

        // One model, one category, one slice: about one row in a hundred is plausibly wrong.
        await using var biased = await story.ApiAsync(isBiased: true, draw: 2);
        (await story.RunAsync(biased, story.Reworded)).Outcome.ShouldBe(RunOutcome.Done);
        var drift = await story.DriftAsync("r-2");
        Write(drift);
        var found = drift.Blocking.Where(finding => finding.Check == "A5.confusion").ShouldHaveSingleItem();
        found.Sentence.ShouldStartWith($"/category \"{RealStory.From}\" is answered as \"{RealStory.To}\" in slice script={RealStory.Slice}:");
        found.Select.ShouldBe($"/category:{RealStory.To} slice:script={RealStory.Slice}");
        var held = await Should.ThrowAsync<DriftHeldException>(() => story.PromoteAsync("r-2"));
        held.ExitCode.ShouldBe(ExitCodes.Unbalanced);
        held.Message.ShouldStartWith($"r-2 is held, {Reasons.Drift}.A5.confusion: ");
        held.Hint.ShouldContain("`muster drift r-2`");

        var before = story.Rows();
        var end = await story.RerunAsync(biased, story.WithExamples, found.Select!, "r-2");
        end.Outcome.ShouldBe(RunOutcome.Done);
        end.Ledger.Rows.ShouldBeInRange(150, 600);
        var mended = await story.DriftAsync("r-2");
        Write(mended);
        mended.Report.Blocks.ShouldBeFalse(mended.Report.Sentence);
        mended.Report.Findings.Where(finding => finding.Check == "A5.confusion").ShouldAllBe(finding => finding.Severity == Severity.Ok);
        (await story.DriftAsync("r-3")).Report.Sentence.ShouldBe(mended.Report.Sentence);

        var asked = await story.KeysAsync("r-3");
        (await story.PromoteAsync("r-3")).Counts.Total.ShouldBe(asked.Count);
        var after = story.Rows();
        after.Where(row => before.GetValueOrDefault(row.Key) != row.Value).ShouldAllBe(row => asked.Contains(row.Key));
        (await story.KeysAsync("r-2")).Overlaps(asked).ShouldBeFalse();
        await story.BalancesAsync();

        // The run itself is no longer held, and leaves the rerun's rows as they are.
        await story.PromoteAsync("r-2");
        story.Rows().Where(row => asked.Contains(row.Key)).ShouldAllBe(row => row.Value == after[row.Key]);
    }

    private static void Write(DriftAccount account)
    {
        foreach (var finding in account.ByWeight.Where(finding => finding.Severity is Severity.Block or Severity.Warn))
            TestContext.Current.TestOutputHelper?.WriteLine($"{finding.Severity} {finding.Check}: {finding.Sentence} [{finding.Select}]");
        TestContext.Current.TestOutputHelper?.WriteLine(account.Report.Sentence);
    }
}
