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
    /// <param name="Reason">Its code.</param>
    /// <param name="Why">Which line or id it is.</param>
    /// <param name="Kept">The file that holds the lines.</param>
    public sealed record Mismatch(string Reason, string Why, string Kept) : Fetch;

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
            case RemoteReply<HttpResponseMessage>.Refused refused:
                return CallPolicy.TroubleOf(RemoteCall.Results, refused.Error.Cause) switch
                {
                    Trouble.Account => new Fetch.Account(refused.Error),
                    Trouble.NotFound => new Fetch.NotFound(refused.Error.ToString()),
                    _ => new Fetch.Refused(refused.Error.ToString(), refused.RetryAfter),
                };
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
                    {
                        archive.Write(bytes);
                        return new Fetch.Mismatch(
                            Reasons.ResultMissing + ".cut", $"the download ended in the middle of line {archive.Lines}", archive.KeepDamaged());
                    }

                    tally.Corrupt(archive.Lines + 1, bytes);
                }
                else
                {
                    if (!proven && !IsOurs(line, runTag, batch))
                        return new Fetch.Foreign(Excerpt.Quoted(line.CustomId));
                    proven = true;
                    tally.Count(archive.Lines + 1, index.See(line.CustomId), line);
                }

                archive.Write(bytes);
            }
        }
        catch (Exception problem) when (limit.WhyBroken(problem) is not null)
        {
            return new Fetch.Broken(limit.WhyBroken(problem)!);
        }

        return tally.Judge(batch, index, await index.FirstUnseenAsync(cancellationToken)) is { } fault
            ? new Fetch.Mismatch(fault.Reason, fault.Why, archive.KeepDamaged())
            : new Fetch.Whole(archive.Complete());
    }

    private static bool IsOurs(ResultLine line, string runTag, Batch batch) =>
        CustomId.Parse(System.Text.Encoding.ASCII.GetString(line.CustomId)) is { } id
        && string.Equals(id.Run, runTag, StringComparison.Ordinal)
        && string.Equals(id.Nonce, batch.Nonce, StringComparison.Ordinal);

    /// <summary>Lines against ids sent against the remote's counts.</summary>
    private sealed class Tally
    {
        private readonly int[] byType = new int[4];
        private readonly string?[] firstOf = new string?[4];
        private string? corrupt;
        private string? unknown;
        private string? repeated;

        public void Corrupt(int line, ReadOnlySpan<byte> bytes) => corrupt ??= $"line {line} is not a result: {Excerpt.Quoted(bytes)}";

        public void Count(int at, Mark mark, ResultLine line)
        {
            byType[(int)line.Type]++;
            firstOf[(int)line.Type] ??= $"line {at} ({Excerpt.Quoted(line.CustomId)})";
            if (mark == Mark.Unknown)
                unknown ??= $"line {at}: the id {Excerpt.Quoted(line.CustomId)} was never sent";
            else if (mark == Mark.Repeated)
                repeated ??= $"line {at}: the id {Excerpt.Quoted(line.CustomId)} stands on an earlier line too";
        }

        /// <summary>Null when everything is accounted for.</summary>
        /// <param name="absent">The id of the first request without a result; null when every one has one.</param>
        public Fault? Judge(Batch batch, BatchIndex index, string? absent)
        {
            if (corrupt is not null)
                return new Fault(Reasons.ResultUnmatched + ".corrupt", corrupt);
            if (unknown is not null)
                return new Fault(Reasons.ResultUnmatched + ".unknown", unknown);
            if (repeated is not null)
                return new Fault(Reasons.ResultUnmatched + ".duplicate", repeated);
            if (absent is not null)
            {
                return new Fault(Reasons.ResultMissing,
                    $"{index.Count - index.Seen} of {index.Count} results are missing, the first that of {Excerpt.Quoted(absent)}");
            }

            var counts = batch.Remote!.Counts;
            int[] counted = [counts.Succeeded, counts.Errored, counts.Canceled, counts.Expired];
            if (byType.SequenceEqual(counted))
                return null;
            var first = Enumerable.Range(0, counted.Length).Where(type => byType[type] > counted[type]).Select(type => firstOf[type]).FirstOrDefault();
            return new Fault(Reasons.Accounting,
                $"the remote counts {counts.Succeeded} succeeded, {counts.Errored} errored, {counts.Canceled} canceled, {counts.Expired} expired;"
                + $" its lines say {byType[0]}, {byType[1]}, {byType[2]}, {byType[3]}{(first is null ? "" : $", the first beyond its count on {first}")}");
        }
    }

    private sealed record Fault(string Reason, string Why);
}
