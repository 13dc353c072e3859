using System.Text;
using System.Text.Json;
using System.Web;
using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Network;

/// <summary>Counts what the remote itself does, where its replies show it: an outcome once for each request, damage once for each line that is served.</summary>
internal sealed class RemoteSightings(World world)
{
    private const string Batches = "/v1/messages/batches";

    /// <summary>The simulator's list without a limit, newest first.</summary>
    private const int UsualPage = 20;

    /// <summary>Outcomes of single requests, then damage to lines, then what calls find; the names of the outcomes are those of a fault plan.</summary>
    public static readonly IReadOnlyList<string> Kinds =
    [
        "row: expired", "row: canceled", "row: overloaded_error", "row: api_error", "row: violation", "row: broken", "row: truncated", "row: refusal",
        "row: invalid_request_error", "row: novel_error", "row: credit",
        "line: missing", "line: repeated", "line: garbage", "line: of nobody", "line: unknown type", "line: flat error", "line: blank", "line: new fields",
        "remote: batch appears late", "remote: results appear late", "remote: too many calls", "remote: queue full",
    ];

    private readonly HashSet<(string Kind, string Of)> seen = [];
    private readonly HashSet<string> canceled = [];

    /// <param name="accepted">Every batch that the remote took, the newest last.</param>
    public void See(HttpMethod method, string path, HttpResponseMessage reply, IReadOnlyList<RemoteRecord> accepted)
    {
        var status = (int)reply.StatusCode;
        var at = path.Split('?')[0];
        var id = at.Length > Batches.Length ? at[(Batches.Length + 1)..].Split('/')[0] : null;
        var record = id is null ? null : accepted.FirstOrDefault(record => record.Id == id);
        if (status == 429)
            Count(Text(reply).Contains("queued", StringComparison.Ordinal) ? "remote: queue full" : "remote: too many calls");
        else if (at.EndsWith("/cancel", StringComparison.Ordinal) && status == 200)
            canceled.Add(id!);
        else if (at.EndsWith("/results", StringComparison.Ordinal) && record is not null)
            SeeResults(reply, status, record);
        else if (record is not null && status == 404)
            Once("remote: batch appears late", record.Id);
        else if (method == HttpMethod.Get && id is null && status == 200)
            SeeList(path, reply, accepted);
    }

    private void SeeList(string path, HttpResponseMessage reply, IReadOnlyList<RemoteRecord> accepted)
    {
        var query = HttpUtility.ParseQueryString(path.Split('?') is [_, var text] ? text : "");
        if (query["after_id"] is not null || query["before_id"] is not null)
            return;
        using var json = JsonDocument.Parse(Text(reply));
        var listed = json.RootElement.GetProperty("data").EnumerateArray().Select(batch => batch.GetProperty("id").GetString()).ToHashSet();
        foreach (var record in accepted.TakeLast(int.TryParse(query["limit"], out var limit) ? limit : UsualPage).Where(record => !listed.Contains(record.Id)))
            Once("remote: batch appears late", record.Id);
    }

    private void SeeResults(HttpResponseMessage reply, int status, RemoteRecord record)
    {
        if (status == 404)
            Once("remote: results appear late", record.Id);
        if (status != 200 || !record.IsOurs)
            return;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var (served, repeated) = (0, 0);
        foreach (var line in Text(reply).TrimEnd('\n').Split('\n'))
        {
            if (line.Length == 0)
            {
                Count("line: blank");
                continue;
            }

            var isOfNobody = line.Contains("nobody-sent-this", StringComparison.Ordinal);
            if (Damage(line) is { } damage)
                Count(damage);
            served += isOfNobody ? 0 : 1;
            if (Read(line) is not { } json)
                continue;
            using (json)
            {
                var id = json.RootElement.GetProperty("custom_id").GetString()!;
                repeated += ids.Add(id) ? 0 : 1;
                if (!isOfNobody && Outcome(json.RootElement.GetProperty("result"), record.Id) is { } outcome)
                    Once($"row: {outcome}", id);
            }
        }

        Count("line: repeated", repeated);
        Count("line: missing", record.Requests - (served - repeated));
    }

    private static string? Damage(string line) =>
        line.Contains("<garbage>", StringComparison.Ordinal) ? "line: garbage"
        : line.Contains("nobody-sent-this", StringComparison.Ordinal) ? "line: of nobody"
        : line.Contains("\"postponed\"", StringComparison.Ordinal) ? "line: unknown type"
        : line.Contains("The flat shape", StringComparison.Ordinal) ? "line: flat error"
        : line.Contains("\"lunar_phase\":{", StringComparison.Ordinal) ? "line: new fields"
        : null;

    /// <summary>Null for an answer that is right, for what only a cancel did and for a shape that is damage.</summary>
    private string? Outcome(JsonElement result, string remoteId)
    {
        switch (result.GetProperty("type").GetString())
        {
            case "expired":
                return "expired";
            case "canceled":
                return canceled.Contains(remoteId) ? null : "canceled";
            case "errored":
                var error = result.GetProperty("error");
                if (!error.TryGetProperty("error", out var inner))
                    return null;
                var (type, message) = (inner.GetProperty("type").GetString(), inner.GetProperty("message").GetString()!);
                return message.StartsWith("Your credit balance", StringComparison.Ordinal) ? "credit" : type == "lunar_phase_error" ? "novel_error" : type;
            case "succeeded":
                var answer = result.GetProperty("message");
                return answer.GetProperty("stop_reason").GetString() switch
                {
                    "refusal" => "refusal",
                    "max_tokens" => "truncated",
                    _ => Flaw(answer.GetProperty("content").EnumerateArray().Last().GetProperty("text").GetString()!),
                };
            default:
                return null;
        }
    }

    private static string? Flaw(string text)
    {
        if (Read(text) is not { } answer)
            return "broken";
        answer.Dispose();
        return Scenario.RightAnswers.Contains(text) ? null : "violation";
    }

    private static JsonDocument? Read(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            // Cut on purpose.
            return null;
        }
    }

    private static string Text(HttpResponseMessage reply)
    {
        var stream = reply.Content.ReadAsStream();
        stream.Position = 0;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        stream.Position = 0;
        return Encoding.UTF8.GetString(copy.GetBuffer(), 0, (int)copy.Length);
    }

    private void Once(string kind, string of)
    {
        if (seen.Add((kind, of)))
            Count(kind);
    }

    private void Count(string kind, int by = 1)
    {
        if (by > 0)
            world.Trace.Count(kind, by);
    }
}
