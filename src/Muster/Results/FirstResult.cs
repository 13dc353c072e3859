using System.Text;
using Muster.Claude;

namespace Muster.Results;

/// <summary>Looks at one line of a batch's results, which is enough to see whose batch it is.</summary>
internal static class FirstResult
{
    /// <summary>The <c>custom_id</c> of the first line that is a result; null when none can be read now.</summary>
    public static async Task<string?> IdAsync(BatchesClient client, string remoteId, CancellationToken cancellationToken)
    {
        if (await client.OpenResultsAsync(remoteId, cancellationToken) is not RemoteReply<HttpResponseMessage>.Answered answered)
            return null;
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
                        return Encoding.UTF8.GetString(line.CustomId);
                }

                return null;
            }
            catch (Exception problem) when (limit.WhyBroken(problem) is not null)
            {
                return null;
            }
        }
    }
}
