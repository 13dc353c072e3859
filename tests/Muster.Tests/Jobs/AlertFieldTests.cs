using Muster.Jobs;

namespace Muster.Tests.Jobs;

public sealed class AlertFieldTests
{
    [Fact]
    public void Addresses_and_kinds_are_read_and_no_run_keeps_them()
    {
        var job = JobText.Load(JobText.With("limits", "alerts: { webhook: https://hooks.example.com/t0ken, on: [held, done, held] }"));

        job.Alerts.Webhook.ShouldBe(new Uri("https://hooks.example.com/t0ken"));
        job.Alerts.Slack.ShouldBeNull();
        job.Alerts.On.ShouldBe([AlertKind.Held, AlertKind.Done]);
        JobSnapshot.ToJson(job).ShouldNotContain("t0ken");
        JobVersion.Of(job).ShouldBe(JobVersion.Of(JobText.Load(JobText.Good)));
    }

    [Fact]
    public void Everything_but_the_end_is_told_unless_the_job_says_otherwise()
    {
        JobText.Load(JobText.Good).Alerts.On.ShouldBe([AlertKind.Budget, AlertKind.Paused, AlertKind.Held, AlertKind.Expiring]);
        JobText.Load(JobText.With("limits", "alerts: { on: done }")).Alerts.On.ShouldBe([AlertKind.Done]);
        JobText.Load(JobText.With("budget", "budget: { batches: 10% }")).Budget.Batches.ShouldBe(0.1);
    }
}
