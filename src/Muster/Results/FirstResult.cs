using System.Text;
using Muster.Claude;

namespace Muster.Results;

/// <summary>What a look at a batch's first result came to.</summary>
internal abstract record FirstLook
{
    private FirstLook() { }

    /// <summary>The <c>custom_id</c> of the first line that is a result.</summary>
    public sealed record Saw(string Id) : FirstLook;

    /// <summary>No line could be read; another look may.</summary>
    public sealed record NotNow : FirstLook;

    public sealed record Account(ApiError Error) : FirstLook;
}

/// <summary>Looks at one line of a batch's results, which is enough to see whose batch it is.</summary>
internal static class FirstResult
{
    /// <summary>The <c>custom_id</c> of the first line that is a result; null when none can be read now.</summary>
    public static async Task<string?> IdAsync(BatchesClient client, string remoteId, CancellationToken cancellationToken) =>
        await LookAsync(client, remoteId, cancellationToken) is FirstLook.Saw saw ? saw.Id : null;

    public static async Task<FirstLook> LookAsync(BatchesClient client, string remoteId, CancellationToken cancellationToken)
    {
        var reply = await client.OpenResultsAsync(remoteId, cancellationToken);
        if (reply is RemoteReply<HttpResponseMessage>.Refused { Error: { Cause: ErrorCause.Account } account })
            return new FirstLook.Account(account);
        if (reply is not RemoteReply<HttpResponseMessage>.Answered answered)
            return new FirstLook.NotNow();
        using (answered.Value)
        {
            using var limit = new IdleLimit(client.Options.IdleTimeout, client.Options.Time, cancellationToken);
            try
            {
                await using var body = await answered.Value.Content.ReadAsStreamAsync(limit.Token);
                var lines = new Utf8Lines(body, ResultDefaults.MaxLineBytes, limit.Restart);
                var line = new ResultLine();
                while (await lines.NextAsync(cancellationToken))
                {
                    if (line.TryRead(lines.Line.Span))
                        return new FirstLook.Saw(Encoding.UTF8.GetString(line.CustomId));
                }

                return new FirstLook.NotNow();
            }
            catch (Exception problem) when (limit.WhyBroken(problem) is not null)
            {
                return new FirstLook.NotNow();
            }
        }
    }
}
