using System.Net;
using Muster.Claude;
using Muster.Jobs;

namespace Muster.Alerts;

/// <summary>Where alerts go and how hard is tried. Addresses may be secrets themselves: only their hosts are ever shown.</summary>
public sealed record AlertOptions
{
    internal const string WebhookVariable = "MUSTER_WEBHOOK_URL";
    internal const string SecretVariable = "MUSTER_WEBHOOK_SECRET";
    internal const string SlackVariable = "MUSTER_SLACK_URL";
    internal const string LoopbackVariable = "MUSTER_WEBHOOK_ALLOW_LOOPBACK";
    internal const string PrivateVariable = "MUSTER_WEBHOOK_ALLOW_PRIVATE";

    /// <summary>Gets signed JSON; null for none.</summary>
    public Secret? Webhook { get; init; }

    /// <summary>Signs what the webhook gets; at least 24 bytes, or base64 of them after <c>whsec_</c>.</summary>
    public Secret? WebhookSecret { get; init; }

    /// <summary>A Slack-compatible incoming webhook; null for none. Its address is what authorizes.</summary>
    public Secret? Slack { get; init; }

    /// <summary>Addresses of this machine and plain http to them are allowed; for tests.</summary>
    public bool AllowLoopback { get; init; }

    /// <summary>Addresses of private networks are allowed; link-local and metadata addresses never are.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>No reply for this long ends one try. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries for one alert at one address. Default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Between the first two tries; doubled after each. Default 1 s.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    internal AddressAllowance Allowance => new(AllowLoopback, AllowPrivate);

    /// <summary>What the environment says, with the job file's addresses where it says nothing.</summary>
    public static AlertOptions FromEnvironment(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new AlertOptions
        {
            Webhook = Named(WebhookVariable, job.Alerts.Webhook), WebhookSecret = Named(SecretVariable, null), Slack = Named(SlackVariable, job.Alerts.Slack),
            AllowLoopback = Environment.GetEnvironmentVariable(LoopbackVariable) == "1",
            AllowPrivate = Environment.GetEnvironmentVariable(PrivateVariable) == "1",
        };
    }

    /// <summary>The addresses to send to, each checked as far as it can be without asking anybody.</summary>
    /// <exception cref="AlertException">An address cannot be used, or there is no secret to sign with.</exception>
    internal IReadOnlyList<AlertAddress> Addresses()
    {
        var addresses = new List<AlertAddress>();
        if (Webhook is { } webhook)
        {
            var key = AlertSignature.KeyOf(WebhookSecret?.Reveal() ?? "") ?? throw new AlertException(
                $"{SecretVariable} is {(WebhookSecret is null ? "not set" : $"shorter than {AlertSignature.MinSecretBytes} bytes, or not base64 after whsec_")}; alerts to a webhook are signed.",
                $"Set it to the secret that the receiver checks with, for example from `openssl rand -base64 32`, or unset {WebhookVariable}.");
            addresses.Add(new AlertAddress(Parse(webhook, "webhook", WebhookVariable), key));
        }

        if (Slack is { } slack)
            addresses.Add(new AlertAddress(Parse(slack, "slack", SlackVariable), null));
        return addresses;
    }

    private Uri Parse(Secret address, string field, string variable)
    {
        var hint = $"Set {variable} or `alerts.{field}` to an https address without a user name in it.";
        if (!Uri.TryCreate(address.Reveal(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0)
            throw new AlertException($"The address for alerts in {variable} or `alerts.{field}` is not one.", hint);
        if (uri.Scheme == "http" && !(AllowLoopback && uri.IsLoopback))
            throw new AlertException($"The address for alerts at {Excerpt.Quoted(uri.Host)} is http: it would go unencrypted.", hint);
        return uri;
    }

    private static Secret? Named(string variable, Uri? written) =>
        Environment.GetEnvironmentVariable(variable) is { } named && named.Trim().Length > 0 ? new Secret(named.Trim())
        : written is not null ? new Secret(written.OriginalString) : null;
}

/// <param name="Key">Signs the body; null for an address that authorizes by itself and takes Slack's form.</param>
internal sealed record AlertAddress(Uri Uri, byte[]? Key)
{
    public override string ToString() => Uri.Host;
}

/// <summary>Alerts are asked for and cannot be sent as they are set up; nothing was begun.</summary>
public sealed class AlertException(string message, string hint) : MusterException(message, hint);
