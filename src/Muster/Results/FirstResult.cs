using System.Text;
using Muster.Claude;

namespace Muster.Results;

/// <summary>Looks at one line of a batch's results, which is enough to see whose batch it is.</summary>
internal static class FirstResult
{
    /// <summary>The <c>custom_id</c> of the first line; null when it cannot be read now.</summary>
    public static async Task<string?> IdAsync(BatchesClient client, string remoteId, CancellationToken cancellationToken)
    {
        if (await client.OpenResultsAsync(remoteId, cancellationToken) is not RemoteReply<HttpResponseMessage>.Answered answered)
            return null;
        using (answered.Value)
        {
            try
            {
                await using var body = await answered.Value.Content.ReadAsStreamAsync(cancellationToken);
                var lines = new Utf8Lines(body, ResultDefaults.MaxLineBytes);
                var line = new ResultLine();
                return await lines.NextAsync(cancellationToken) && line.TryRead(lines.Line.Span) ? Encoding.UTF8.GetString(line.CustomId) : null;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException)
            {
                return null;
            }
        }
    }
}
