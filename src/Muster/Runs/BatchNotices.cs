using Muster.Batches;
using Muster.Verdicts;

namespace Muster.Runs;

/// <summary>What a person should know of a batch before a window closes. Pure.</summary>
internal static class BatchNotices
{
    /// <summary>A batch expires at 24 h: four hours are left to know of it.</summary>
    internal static readonly TimeSpan NearExpiry = TimeSpan.FromHours(20);

    public static IEnumerable<Notice> Of(Batch batch, DateTimeOffset now)
    {
        if (batch.State == BatchState.Unknown)
        {
            yield return new Notice(batch.Name, $"its create has no certain outcome: {batch.Why}",
                "`muster run` looks for it in the remote's list and adopts it.");
        }
        else if (batch is { Lane: Lane.Synchronous, State: BatchState.Sending })
        {
            yield return new Notice(batch.Name, "its synchronous calls are under way, or were when their process ended and may be billed",
                $"Where no process works on the run any more, `muster run` books its rows as errored ({Reasons.FallbackFailed}.reply_lost) and does not ask them again.");
        }
        else if (batch is { Lane: Lane.Synchronous, State: BatchState.Sealed })
        {
            yield return new Notice(batch.Name, "its intent is recorded and none of its synchronous calls was made", "`muster run` withdraws it and its rows wait again; nothing is billed.");
        }
        else if (batch.State is BatchState.Sealed or BatchState.Sending)
        {
            yield return new Notice(batch.Name, "its intent is recorded and its create is not confirmed", "`muster run` finds out what became of it.");
        }

        if (batch.Remote is not { } remote || batch.Archive is not null || batch.State == BatchState.Lost)
            yield break;
        var age = now - remote.CreatedAt;
        if (ResultsWindow.Of(batch, now) is { Stage: not WindowStage.Open } window)
        {
            yield return window.Stage == WindowStage.Closed
                ? new Notice(batch.Name, $"it was created {age.TotalDays:0.0} days ago and its results were never fetched; the remote removes them at {ResultsWindow.Days} days",
                    "Try all the same with `muster run`; if they are gone, `muster cancel` closes the run and `muster run` asks again.")
                : new Notice(batch.Name, $"it was created {age.TotalDays:0.0} days ago and its results are not ours yet; the remote removes them at {ResultsWindow.Days} days",
                    "Fetch them now with `muster run`.");
        }
        else if (remote.EndedAt is null && age >= NearExpiry)
        {
            yield return new Notice(batch.Name, $"it is {age.TotalHours:0.0} h old; what is unfinished expires at 24 h",
                "Leave it: expired rows are not billed, and `muster run` asks them again.");
        }
    }
}
