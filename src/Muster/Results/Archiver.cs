using Muster.Batches;
using Muster.Claude;
using Muster.Requests;
using Muster.Verdicts;

namespace Muster.Results;

/// <summary>What came of fetching a batch's results.</summary>
internal abstract record Fetch
{
    private Fetch() { }

    public sealed record Whole(Archive Archive) : Fetch;

    /// <summary>The candidate's lines bear someone else's ids.</summary>
    public sealed record Foreign(string SeenId) : Fetch;

    /// <summary>The download broke; another one may be whole.</summary>
    public sealed record Broken(string Why) : Fetch;

    /// <summary>No download was begun, for a reason that passes.</summary>
    public sealed record Refused(string Why, TimeSpan? RetryAfter) : Fetch;

    /// <summary>404, or another refusal of what was asked, on the results of an ended batch: not there yet, or no longer.</summary>
    public sealed record NotFound(string Why) : Fetch;

    public sealed record Unreachable(string Why) : Fetch;

    /// <summary>The download ended well and its lines do not account for the batch.</summary>
    public sealed record Mismatch(string Reason, string Why) : Fetch;

    public sealed record Account(ApiError Error) : Fetch;
}

/// <summary>Streams a batch's results into its archive, counting and joining ids on the way; nothing is used before it is whole.</summary>
internal sealed class Archiver(BatchesClient client, string folder, TimeSpan idle, TimeProvider time)
{
    public async Task<Fetch> FetchAsync(string runTag, Batch batch, BatchIndex index, CancellationToken cancellationToken)
    {
        index.Forget();
        switch (await client.OpenResultsAsync(batch.RemoteId!, cancellationToken))
        {
            case RemoteReply<HttpResponseMessage>.Answered answered:
                using (answered.Value)
                    return await StreamAsync(answered.Value, runTag, batch, index, cancellationToken);
            case RemoteReply<HttpResponseMessage>.NotFound missing:
                return new Fetch.NotFound(missing.Error.ToString());
            case RemoteReply<HttpResponseMessage>.Refused { Error.Cause: ErrorCause.Account } refused:
                return new Fetch.Account(refused.Error);
            case RemoteReply<HttpResponseMessage>.Refused { Error.Cause: ErrorCause.Request or ErrorCause.TooLarge } refused:
                return new Fetch.NotFound(refused.Error.ToString());
            case RemoteReply<HttpResponseMessage>.Refused refused:
                return new Fetch.Refused(refused.Error.ToString(), refused.RetryAfter);
            case RemoteReply<HttpResponseMessage>.Unreachable unreachable:
                return new Fetch.Unreachable(unreachable.Why);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async Task<Fetch> StreamAsync(
        HttpResponseMessage reply, string runTag, Batch batch, BatchIndex index, CancellationToken cancellationToken)
    {
        using var limit = new IdleLimit(idle, time, cancellationToken);
        using var archive = new ArchiveWriter(Path.Combine(folder, $"{batch.Name}.jsonl.gz"));
        var tally = new Tally();
        try
        {
            await using var body = await reply.Content.ReadAsStreamAsync(limit.Token);
            var lines = new Utf8Lines(body, ResultDefaults.MaxLineBytes, limit.Restart);
            var line = new ResultLine();
            var proven = batch.Proof != Proof.Count;
            while (await lines.NextAsync(cancellationToken))
            {
                var bytes = lines.Line.Span;
                if (bytes.Length > 0 && bytes[^1] == '\r')
                    bytes = bytes[..^1];
                if (bytes.IsEmpty)
                    continue;
                if (lines.TooLong || !line.TryRead(bytes))
                {
                    if (!lines.Terminated)
                        return new Fetch.Mismatch(Reasons.ResultMissing + ".cut", "the download ended in the middle of a line");
                    tally.Corrupt(archive.Lines + 1, bytes);
                }
                else
                {
                    if (!proven && !IsOurs(line, runTag, batch))
                        return new Fetch.Foreign(Excerpt.Quoted(line.CustomId));
                    proven = true;
                    tally.Count(index.See(line.CustomId), line);
                }

                archive.Write(bytes);
            }
        }
        catch (Exception problem) when (limit.WhyBroken(problem) is not null)
        {
            return new Fetch.Broken(limit.WhyBroken(problem)!);
        }

        if (tally.Judge(batch, index) is { } mismatch)
            return mismatch;
        return new Fetch.Whole(archive.Complete());
    }

    private static bool IsOurs(ResultLine line, string runTag, Batch batch) =>
        CustomId.Parse(System.Text.Encoding.ASCII.GetString(line.CustomId)) is { } id
        && string.Equals(id.Run, runTag, StringComparison.Ordinal)
        && string.Equals(id.Nonce, batch.Nonce, StringComparison.Ordinal);

    /// <summary>Lines against ids sent against the remote's counts.</summary>
    private sealed class Tally
    {
        private readonly int[] byType = new int[4];
        private string? corrupt;
        private string? unknown;
        private string? repeated;

        public void Corrupt(int line, ReadOnlySpan<byte> bytes) => corrupt ??= $"line {line} is not a result: {Excerpt.Quoted(bytes)}";

        public void Count(Mark mark, ResultLine line)
        {
            byType[(int)line.Type]++;
            if (mark == Mark.Unknown)
                unknown ??= $"the id {Excerpt.Quoted(line.CustomId)} was never sent";
            else if (mark == Mark.Repeated)
                repeated ??= $"the id {Excerpt.Quoted(line.CustomId)} stands on two lines";
        }

        public Fetch.Mismatch? Judge(Batch batch, BatchIndex index)
        {
            if (corrupt is not null)
                return new Fetch.Mismatch(Reasons.ResultUnmatched + ".corrupt", corrupt);
            if (unknown is not null)
                return new Fetch.Mismatch(Reasons.ResultUnmatched + ".unknown", unknown);
            if (repeated is not null)
                return new Fetch.Mismatch(Reasons.ResultUnmatched + ".duplicate", repeated);
            if (index.Seen != index.Count)
                return new Fetch.Mismatch(Reasons.ResultMissing, $"{index.Count - index.Seen} of {index.Count} results are missing");
            var counts = batch.Remote!.Counts;
            if (byType[0] != counts.Succeeded || byType[1] != counts.Errored || byType[2] != counts.Canceled || byType[3] != counts.Expired)
            {
                return new Fetch.Mismatch(Reasons.Accounting,
                    $"the remote counts {counts.Succeeded} succeeded, {counts.Errored} errored, {counts.Canceled} canceled, {counts.Expired} expired;"
                    + $" its lines say {byType[0]}, {byType[1]}, {byType[2]}, {byType[3]}");
            }

            return null;
        }
    }
}
