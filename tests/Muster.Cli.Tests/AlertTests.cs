using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muster.Tests.Alerts;

namespace Muster.Cli.Tests;

/// <summary>Alerts as they leave the real executable, to receivers on this machine.</summary>
public sealed class AlertTests
{
    private static readonly byte[] Key = Encoding.ASCII.GetBytes("thirty-two bytes for a signature");

    private static Dictionary<string, string> Signed(Dictionary<string, string> environment) => new(environment)
    {
        ["MUSTER_WEBHOOK_SECRET"] = "whsec_" + Convert.ToBase64String(Key), ["MUSTER_WEBHOOK_ALLOW_LOOPBACK"] = "1",
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_tells_a_webhook_signed_and_a_slack_in_its_form_wherever_their_addresses_stand(bool inJobFile)
    {
        await using var webhook = new Receiver();
        await using var slack = new Receiver();
        await using var api = await Some.Api();
        var environment = Signed(Some.Environment(api));
        // The environment's addresses take the place of the job's.
        if (!inJobFile)
            (environment["MUSTER_WEBHOOK_URL"], environment["MUSTER_SLACK_URL"]) = (webhook.Url, slack.Url);
        var (signed, plain) = inJobFile ? (webhook.Url, slack.Url) : ("https://hooks.example.com/", "https://hooks.example.com/");
        var folder = Some.JobFolder(target: $"alerts: {{ webhook: \"{signed}\", slack: \"{plain}\", on: [done] }}");

        var run = await Cli.RunAsync(folder, environment, "run");

        run.ExitCode.ShouldBe(0, run.All);
        run.All.ShouldNotContain("t0ken");
        var got = webhook.Requests.ShouldHaveSingleItem();
        var (id, timestamp) = (got.Headers["webhook-id"], got.Headers["webhook-timestamp"]);
        var mac = HMACSHA256.HashData(Key, (byte[])[.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. got.Body]);
        got.Headers["webhook-signature"].ShouldBe($"v1,{Convert.ToBase64String(mac)}");
        (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp))).TotalMinutes.ShouldBeInRange(-1, 5);
        using var body = JsonDocument.Parse(got.Body);
        body.RootElement.GetProperty("type").GetString().ShouldBe("muster.done");
        body.RootElement.GetProperty("data").GetProperty("id").GetString().ShouldBe(id);
        body.RootElement.GetProperty("data").GetProperty("ledger").GetProperty("succeeded").GetInt64().ShouldBe(30);

        var chat = slack.Requests.ShouldHaveSingleItem();
        chat.Headers.Keys.ShouldNotContain("webhook-signature");
        chat.Headers["content-type"].ShouldBe("application/json");
        using var form = JsonDocument.Parse(chat.Body);
        var field = form.RootElement.EnumerateObject().ShouldHaveSingleItem();
        field.Name.ShouldBe("text");
        field.Value.GetString().ShouldNotBeNull().ShouldStartWith("*goods r-1: done*\nThe run is over: every row is accounted for.\n30 rows = 30 succeeded");
    }

    [Fact]
    public async Task Doctor_tells_of_results_that_are_about_to_be_lost_when_it_is_asked_to_and_once_a_day()
    {
        await using var receiver = new Receiver();
        await using var run = await RunFolder.StartAsync(timeout: TimeSpan.FromSeconds(1));
        var created = DateTimeOffset.UtcNow.AddDays(-25.1);
        run.Job.Execute(".muster/muster.db", $"update batch set created_at = '{created:o}' where name = 'b-1'");
        foreach (var (name, value) in Signed(new Dictionary<string, string> { ["MUSTER_WEBHOOK_URL"] = receiver.Url }))
            run.Job.Environment[name] = value;

        var silent = await run.Job.RunAsync("doctor", "--offline");
        receiver.Requests.ShouldBeEmpty();
        var told = await run.Job.RunAsync("doctor", "--offline", "--alert");
        var again = await run.Job.RunAsync("doctor", "--offline", "--alert");

        (silent.Code, told.Code, again.Code).ShouldBe((1, 1, 1), "the results are at risk");
        using var body = JsonDocument.Parse(receiver.Requests.ShouldHaveSingleItem().Body);
        body.RootElement.GetProperty("type").GetString().ShouldBe("muster.expiring");
        var batch = body.RootElement.GetProperty("data").GetProperty("batches").EnumerateArray().ShouldHaveSingleItem();
        batch.GetProperty("batch").GetString().ShouldBe("b-1");
        (batch.GetProperty("lost_at").GetDateTimeOffset() - created).TotalDays.ShouldBe(29, 0.001);
        told.Err.ShouldContain("expiring: taken by 127.0.0.1");
        File.ReadLines(run.Job.PathOf(".muster/alerts.log")).Count().ShouldBe(2);
    }
}
