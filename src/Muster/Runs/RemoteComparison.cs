using Muster.Batches;
using Muster.Claude;
using Muster.Requests;
using Muster.Results;
using Muster.Stores.Sqlite;

namespace Muster.Runs;

/// <param name="Skipped">Why the comparison could not be made; null when it was.</param>
internal sealed record RemoteView(IReadOnlyList<Equation> Equations, IReadOnlyList<Notice> Notices, string? Skipped);

/// <summary>Compares the store's batches with the remote's list: what we hold must be there, and nothing there may be ours unknown to us.</summary>
internal sealed class RemoteComparison(SqliteStore store, BatchesClient remote)
{
    // A page holds 1,000 batches; a workspace with more than this many pages of them in 29 days needs the deadline more than the rest.
    private const int MaxPages = 50;

    // Each is a download of one line; more suspects than this point at another program with our counts.
    private const int MaxProbes = 50;

    public async Task<RemoteView> CompareAsync(IReadOnlyList<Run> runs, IReadOnlyList<Batch> batches, CancellationToken cancellationToken)
    {
        var held = batches.Where(batch => batch.RemoteId is not null).ToList();
        if (batches.Count == 0)
            return new RemoteView([new Equation("remote", "0 batches of ours = 0 expected", true)], [], null);
        var since = batches.Min(batch => batch.ListedUntil ?? batch.SealedAt - TimeSpan.FromDays(1));
        var listed = new List<RemoteBatch>();
        string? after = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var reply = await remote.ListAsync(after, cancellationToken);
            if (reply is not RemoteReply<BatchPage>.Answered answered)
                return new RemoteView([], [], $"{remote.BaseUrl} did not give its list: {Why(reply)}");
            listed.AddRange(answered.Value.Batches);
            if (!answered.Value.HasMore || answered.Value.Batches.Count == 0 || answered.Value.Batches[^1].CreatedAt < since)
                break;
            after = answered.Value.Batches[^1].Id;
        }

        var notices = new List<Notice>();
        var byId = listed.ToDictionary(batch => batch.Id, StringComparer.Ordinal);
        var there = held.Count(batch => byId.ContainsKey(batch.RemoteId!));
        foreach (var gone in held.Where(batch => !byId.ContainsKey(batch.RemoteId!) && batch.State != BatchState.Lost))
        {
            notices.Add(new Notice(gone.Name, $"{gone.RemoteId} is not in the remote's list", gone.Archive is null
                ? "Its results are not ours: `muster run` asks for them by id. Check that the key is of the same workspace."
                : "Its results are archived, so nothing is lost; it was deleted, or the key is of another workspace."));
        }

        var wrong = held.Where(batch => byId.TryGetValue(batch.RemoteId!, out var seen) && seen.Counts.Total != batch.Requests).ToList();
        var equations = new List<Equation>
        {
            new("remote", $"{Amount.Of(held.Count, "batch")} of ours = {there} in its list + {held.Count - there} gone", true),
        };
        equations.AddRange(wrong.Select(batch =>
            new Equation(batch.Name, $"{Amount.Of(batch.Requests, "id")} sent = {Amount.Grouping(byId[batch.RemoteId!].Counts.Total)} in the remote's list", false)));
        await AddUnknownAsync(runs, batches, listed, equations, notices, cancellationToken);
        return new RemoteView(equations, notices, null);
    }

    private async Task AddUnknownAsync(
        IReadOnlyList<Run> runs, IReadOnlyList<Batch> batches, List<RemoteBatch> listed, List<Equation> equations, List<Notice> notices,
        CancellationToken cancellationToken)
    {
        var known = await store.KnownRemoteIdsAsync(cancellationToken);
        var suspects = Suspects.Of(batches.Where(batch => batch.Lane == Lane.Batch), listed, known);
        var ours = 0;
        foreach (var (suspect, like) in suspects.Take(MaxProbes))
        {
            var id = suspect.Status == RemoteStatus.Ended ? await FirstResult.IdAsync(remote, suspect.Id, cancellationToken) : null;
            if (id is not null && CustomId.Parse(id) is { } parsed && runs.FirstOrDefault(run => run.Tag == parsed.Run) is { } run)
            {
                ours++;
                notices.Add(new Notice(suspect.Id, $"it carries our ids ({Amount.Of(suspect.Counts.Total, "request")}, created {suspect.CreatedAt:yyyy-MM-dd HH:mm:ss}Z) and no batch of ours is it",
                    WhatBecomesOf(run, batches.FirstOrDefault(batch => batch.Nonce == parsed.Nonce), runs)));
            }
            else if (id is null)
            {
                notices.Add(new Notice(suspect.Id, $"it has as many requests as a batch of ours ({suspect.Counts.Total}), and nobody here knows it",
                    like.FirstOrDefault(batch => batch.State == BatchState.Unknown) is { } wanted
                        ? $"`muster run` adopts it as {wanted.Name}, whose create had no certain outcome, when it is the only one that fits; its ids prove it once it ended."
                        : "It may be another program's; once it ended, its ids tell, and `muster run` looks at them."));
            }
        }

        if (suspects.Count > MaxProbes)
        {
            notices.Add(new Notice("remote", $"{Amount.Of(suspects.Count - MaxProbes, "batch")} with as many requests as a batch of ours beyond the {MaxProbes} looked at",
                "They were not looked at; so many point at another program in the workspace."));
        }

        equations.Add(new Equation("remote", $"{Amount.Of(ours, "batch")} with our ids that the store does not know = 0", ours == 0));
    }

    /// <summary>What the next command does with a batch of ours that the store does not know.</summary>
    private string WhatBecomesOf(Run run, Batch? batch, IReadOnlyList<Run> runs)
    {
        var command = $"`muster {RunKinds.Verb(run.Kind)}`";
        if (batch is { State: BatchState.Unknown })
            return $"{command} adopts it as {batch.Name}, whose create had no certain outcome.";
        // Of runs that are over, a command looks at the last of its kind again, unless its words were purged.
        var isLookedAt = !RunStates.IsFinal(run.State) || (run.State == RunState.Done && store.Purges(run.Id).Count == 0
            && run.Id == runs.Last(other => other.Job == run.Job && other.Kind == run.Kind).Id);
        return batch is not null && isLookedAt
            ? $"{command} cancels it, archives it and books what it cost as a duplicate of {batch.Name}."
            : "It was billed beside the one in the books; keep its id for a claim, and report how it came about.";
    }

    internal static string Why<T>(RemoteReply<T> reply) => reply switch
    {
        RemoteReply<T>.Refused refused => refused.Error.ToString(),
        RemoteReply<T>.NotFound missing => missing.Error.ToString(),
        RemoteReply<T>.Unreachable unreachable => unreachable.Why,
        _ => "",
    };
}
