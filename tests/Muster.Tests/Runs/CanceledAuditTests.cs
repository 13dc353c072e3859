using System.Net;
using Muster.Runs;

namespace Muster.Tests.Runs;

/// <summary>The look for duplicates when a run is canceled: one, with whatever rows wait, and the run ends whatever came of it.</summary>
public sealed class CanceledAuditTests
{
    [Fact]
    public async Task A_run_canceled_with_rows_that_wait_looks_for_duplicates()
    {
        await using var trial = await TwoBatchesAsync();

        var end = await trial.RunAsync(transport: new Repeater());

        (end.Outcome, end.Duplicates).ShouldBe((RunOutcome.Canceled, 1), end.Why);
        end.Ledger.Canceled.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(0)]
    public async Task A_run_canceled_with_a_list_that_cannot_be_read_ends_canceled_and_says_so(int status)
    {
        await using var trial = await TwoBatchesAsync();
        var repeater = new Repeater();
        var onEvent = trial.Heard.OnEvent!;
        trial.Heard.OnEvent = e =>
        {
            onEvent(e);
            if (e.Kind == RunEventKind.Canceling)
                repeater.OnList = () => status == 0 ? throw new HttpRequestException("connection reset") : Refusal((HttpStatusCode)status);
        };

        var end = await trial.RunAsync(options => options with { Timeout = TimeSpan.FromSeconds(20) }, repeater);

        (end.Outcome, end.Run.State).ShouldBe((RunOutcome.Canceled, RunState.Canceled), end.Why);
        end.Why.ShouldNotBeNull().ShouldContain("duplicates could not be looked for");
        trial.Heard.Count(RunEventKind.Paused).ShouldBe(0);
        trial.Heard.Events.ShouldContain(e => e.Kind == RunEventKind.Trouble && e.Text == end.Why);
    }

    /// <summary>Canceled once the first of its batches is made.</summary>
    private static async Task<Trial> TwoBatchesAsync()
    {
        var trial = await Trial.StartAsync(job: job => job with { Limits = job.Limits with { BatchRows = 3, QueuedRequests = 3 } }, rows: Some.Rows(6));
        trial.Heard.OnEvent = e =>
        {
            if (e.Kind == RunEventKind.BatchCreated)
                Runner.RequestCancelAsync(trial.Job).GetAwaiter().GetResult();
        };
        return trial;
    }

    private static HttpResponseMessage Refusal(HttpStatusCode status) => new(status)
    {
        Content = new StringContent("{\"type\":\"error\",\"error\":{\"type\":\"" + (status == HttpStatusCode.NotFound ? "not_found_error" : "authentication_error") + "\",\"message\":\"no\"}}"),
    };
}
