using Muster.Batches;
using Muster.Claude;
using Muster.Jobs;
using Muster.Results;
using Muster.Runs;
using Muster.Statistics;
using Muster.Stores;

namespace Muster.Pilots;

/// <summary>Reads a run over picked rows from the store and its archives, and has it judged. It holds the picked rows, at most 10,000.</summary>
/// <param name="archives">The folder of the result archives.</param>
internal sealed class PilotReader(IStore store, string archives, Prices prices)
{
    /// <param name="pass">The share that the job wants accepted, or null.</param>
    public async Task<PilotAccount> ReadAsync(Run run, double? pass, CancellationToken cancellationToken = default)
    {
        var pick = await store.PickAsync(run.Id, cancellationToken) ?? throw new ArgumentException($"{run.Name} has no pick.", nameof(run));
        var rows = new List<PickedResult>();
        await foreach (var row in store.ReadPickedAsync(run.Id, cancellationToken))
            rows.Add(row);
        var job = JobSnapshot.FromJson(run.Snapshot);
        var batches = await store.BatchesAsync(run.Id, cancellationToken);
        var (answers, missing) = await AnswersAsync(batches, cancellationToken);
        var tiers = job.Tiers.Select((tier, i) => new PilotTier(i + 1, tier.Model, tier.MaxTokens, prices.Find(tier.Model)?.MaxOutputTokens)).ToList();
        var course = new PilotCourse(pick.Askable, job.Limits.QueuedRequests, Rounds(batches), pass, pick.Seed);
        var report = PilotJudge.Judge(
            [.. rows.Select(row => new PilotRow(row.Key ?? row.Line, row.Stratum, row.State, row.Reason, row.Use.CostPicoUsd))], answers, tiers, course, Wilson);
        return new PilotAccount(run, pick, rows, report, missing);
    }

    /// <summary>Batches that were under way at the same time are one round.</summary>
    internal static IReadOnlyList<TimeSpan> Rounds(IEnumerable<Batch> batches)
    {
        var rounds = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var remote in batches.Select(batch => batch.Remote).OfType<RemoteBatch>().Where(remote => remote.EndedAt is not null).OrderBy(remote => remote.CreatedAt))
        {
            if (rounds.Count > 0 && remote.CreatedAt <= rounds[^1].To)
                rounds[^1] = rounds[^1] with { To = remote.EndedAt!.Value > rounds[^1].To ? remote.EndedAt.Value : rounds[^1].To };
            else
                rounds.Add((remote.CreatedAt, remote.EndedAt!.Value));
        }

        return [.. rounds.Select(round => round.To - round.From)];
    }

    private static Bounds Wilson(long hits, long of)
    {
        var interval = Proportions.Wilson(hits, of);
        return new Bounds(interval.Low, interval.High);
    }

    /// <summary>Why an answer stopped stands in the archive alone.</summary>
    private async Task<(List<PilotAnswer> Answers, int Missing)> AnswersAsync(IEnumerable<Batch> batches, CancellationToken cancellationToken)
    {
        var answers = new List<PilotAnswer>();
        var missing = 0;
        foreach (var batch in batches.Where(batch => batch.Archive is not null))
        {
            if (!File.Exists(Path.Combine(archives, batch.Archive!.File)))
            {
                missing++;
                continue;
            }

            await using var stream = ArchiveReader.Decompress(archives, batch.Archive);
            var lines = ArchiveReader.Lines(stream);
            var line = new ResultLine();
            while (await lines.NextAsync(cancellationToken))
            {
                if (line.TryRead(lines.Line.Span) && line.Type == ResultType.Succeeded)
                    answers.Add(new PilotAnswer(batch.Tier + 1, (int)line.Tokens.Output, line.StopReason == "max_tokens"));
            }
        }

        return (answers, missing);
    }
}
