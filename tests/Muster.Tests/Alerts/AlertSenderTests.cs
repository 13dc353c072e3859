using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muster.Alerts;
using Muster.Claude;
using Muster.Jobs;
using Muster.Runs;

namespace Muster.Tests.Alerts;

public sealed class AlertSenderTests
{
    private const string Secret = "a secret of more than twenty-four bytes";

    private static readonly Alert Alert = new("alr_1", AlertKind.Budget, new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero), "catalog", "r-1",
        "AGG.BUDGET", "More failed than <b>allowed</b> & so on.", new Ledger(3, 1, 0, 0, 0, 2, 0, 0, 0), 1_500_000_000_000, []);

    private static AlertOptions Options(string url) => new()
    {
        Webhook = new Secret(url), WebhookSecret = new Secret(Secret), AllowLoopback = true, Backoff = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(5),
    };

    private static async Task<AlertDelivery> SendAsync(AlertOptions options)
    {
        using var sender = new AlertSender(options, TimeProvider.System);
        return await sender.SendAsync(options.Addresses().Single(), Alert);
    }

    [Fact]
    public async Task The_signature_is_what_an_independent_receiver_computes()
    {
        await using var receiver = new Receiver();

        (await SendAsync(Options(receiver.Url))).ShouldBe(new AlertDelivery("127.0.0.1", 1, 200, null));

        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Line.ShouldBe("POST /hook?token=t0ken-canary HTTP/1.1");
        got.Headers["webhook-id"].ShouldBe("alr_1");
        var signed = Encoding.UTF8.GetBytes($"alr_1.{got.Headers["webhook-timestamp"]}.{got.Text}");
        got.Headers["webhook-signature"].ShouldBe("v1," + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)));
        (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(long.Parse(got.Headers["webhook-timestamp"]))).Duration().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        using var body = JsonDocument.Parse(got.Body);
        body.RootElement.GetProperty("type").GetString().ShouldBe("muster.budget");
        var data = body.RootElement.GetProperty("data");
        data.GetProperty("reason").GetString().ShouldBe("AGG.BUDGET");
        data.GetProperty("cost_usd").GetDecimal().ShouldBe(1.5m);
        data.GetProperty("ledger").GetProperty("quarantined").GetInt64().ShouldBe(2);
    }

    [Fact]
    public void The_signature_of_a_published_vector_holds()
    {
        // The vector of docs.svix.com, "Verifying webhooks manually".
        var key = AlertSignature.KeyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").ShouldNotBeNull();

        AlertSignature.Of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""u8)
            .ShouldBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Theory]
    [InlineData("too short")]
    [InlineData("whsec_not base64 at all, I am afraid")]
    [InlineData(null)]
    public void Without_a_secret_to_sign_with_nothing_is_set_up(string? secret)
    {
        var options = Options("https://hooks.example.com/x") with { WebhookSecret = secret is null ? null : new Secret(secret) };

        Should.Throw<AlertException>(() => options.Addresses()).Message.ShouldContain("MUSTER_WEBHOOK_SECRET");
    }

    [Fact]
    public async Task Errors_of_the_server_are_tried_again_and_bounded()
    {
        await using var recovers = new Receiver(n => n < 3 ? "500 No" : "204 Taken");
        (await SendAsync(Options(recovers.Url))).ShouldBe(new AlertDelivery("127.0.0.1", 3, 204, null));
        recovers.Requests.Select(request => request.Headers["webhook-id"]).ShouldBe(["alr_1", "alr_1", "alr_1"]);

        await using var never = new Receiver(_ => "503 No");
        (await SendAsync(Options(never.Url))).ShouldBe(new AlertDelivery("127.0.0.1", 3, 503, "it answered 503"));
        never.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_refusal_not_repeated()
    {
        await using var elsewhere = new Receiver();
        await using var moves = new Receiver(_ => $"307 Moved\r\nLocation: {elsewhere.Url}");
        (await SendAsync(Options(moves.Url))).Why.ShouldBe("it answered 307, and redirects are not followed");
        elsewhere.Requests.ShouldBeEmpty();

        await using var refuses = new Receiver(_ => "401 No");
        (await SendAsync(Options(refuses.Url))).ShouldBe(new AlertDelivery("127.0.0.1", 1, 401, "it answered 401"));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_is_given_up()
    {
        await using var stalls = new Receiver(_ => null);

        var delivery = await SendAsync(Options(stalls.Url) with { Timeout = TimeSpan.FromMilliseconds(100), Attempts = 2 });

        delivery.ShouldBe(new AlertDelivery("127.0.0.1", 2, null, "no answer within 0.1 s"));
    }

    [Theory]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("100.100.100.200", "metadata")]
    [InlineData("127.0.0.1", "this machine")]
    [InlineData("10.1.2.3", "private")]
    public async Task A_name_that_leads_inside_is_refused_before_a_byte_is_sent(string address, string what)
    {
        await using var receiver = new Receiver();
        var options = Options($"https://hooks.example.com:{receiver.Port}/x") with
        {
            AllowLoopback = false, Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("203.0.113.7"), IPAddress.Parse(address)]),
        };

        var delivery = await SendAsync(options);

        delivery.Attempts.ShouldBe(1);
        delivery.Why.ShouldNotBeNull().ShouldContain(what);
        receiver.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("http://hooks.example.com/x", "http")]
    [InlineData("http://127.0.0.1/x", "http")]
    [InlineData("https://user:pass@hooks.example.com/x", "is not one")]
    [InlineData("ftp://hooks.example.com/x", "is not one")]
    [InlineData("t0ken-canary", "is not one")]
    public void An_address_that_would_leak_is_refused_and_not_shown(string url, string why)
    {
        var refusal = Should.Throw<AlertException>(() => (Options(url) with { AllowLoopback = false }).Addresses());

        refusal.Message.ShouldContain(why);
        (refusal.Message + refusal.Hint).ShouldNotContain("/x");
        (refusal.Message + refusal.Hint).ShouldNotContain("t0ken-canary");
    }

    [Fact]
    public async Task Slack_gets_text_without_its_own_markup_and_no_signature()
    {
        await using var receiver = new Receiver();
        var options = new AlertOptions { Slack = new Secret(receiver.Url), AllowLoopback = true };

        (await SendAsync(options)).Why.ShouldBeNull();

        var got = receiver.Requests.ShouldHaveSingleItem();
        got.Headers.Keys.ShouldNotContain("webhook-signature");
        using var body = JsonDocument.Parse(got.Body);
        body.RootElement.GetProperty("text").GetString()!.ShouldContain("More failed than &lt;b&gt;allowed&lt;/b&gt; &amp; so on.");
    }
}
