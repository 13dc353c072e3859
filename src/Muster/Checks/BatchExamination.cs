using Muster.Batches;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Checks;

/// <summary>What the store says of intents without a batch, of batches near 24 hours and of results near 29 days.</summary>
internal sealed class BatchExamination(SqliteStore store, TimeProvider time)
{
    public async Task<IReadOnlyList<DoctorLine>> ExamineAsync(CancellationToken cancellationToken = default)
    {
        var open = await store.OpenBatchesAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. Intents(open), .. Expiring(open, now), .. Results(open, now)];
    }

    private static IEnumerable<DoctorLine> Intents(IReadOnlyList<Batch> open)
    {
        var without = open.Where(batch => batch.RemoteId is null).ToList();
        foreach (var batch in without)
        {
            var (found, next) = batch.State switch
            {
                BatchState.Sending when batch.Lane == Lane.Synchronous => ("its synchronous calls were under way when the process ended, and may be billed",
                    $"`muster run` books its rows as errored ({Verdicts.FailurePolicy.ReasonOf(Verdicts.Cause.ReplyLost)}) and does not ask them again."),
                BatchState.Sealed => ("its body never left whole, so there is no batch", "`muster run` withdraws it and its rows wait again; nothing is billed."),
                BatchState.Sending => ("its create was under way when the process ended", "`muster run` looks for it in the remote's list and adopts it, or sends its rows again after the quiet period."),
                _ => ($"its create has no certain outcome: {batch.Why}", "`muster run` looks for it in the remote's list and adopts it, or sends its rows again after the quiet period."),
            };
            yield return new DoctorLine("intents", DoctorStatus.Warn, $"{batch.Name} ({Amount.Of(batch.Requests, "row")}): {found}", next);
        }

        if (without.Count == 0)
            yield return new DoctorLine("intents", DoctorStatus.Ok, "every intent has its batch");
    }

    private static IEnumerable<DoctorLine> Expiring(IReadOnlyList<Batch> open, DateTimeOffset now)
    {
        var old = open.Where(batch => batch.Remote is { EndedAt: null } remote && now - remote.CreatedAt >= BatchNotices.NearExpiry
            && ResultsWindow.Of(batch, now) is { Stage: WindowStage.Open }).ToList();
        foreach (var batch in old)
        {
            yield return new DoctorLine("batches", DoctorStatus.Warn,
                $"{batch.Name}: it is {(now - batch.Remote!.CreatedAt).TotalHours:0.0} h old and was not seen to end; what is unfinished expires at 24 h",
                "Leave it: expired rows are not billed, and `muster run` asks them again.");
        }

        if (old.Count == 0)
            yield return new DoctorLine("batches", DoctorStatus.Ok, open.Count == 0 ? "none open" : $"{open.Count} open, none near 24 h");
    }

    private static IEnumerable<DoctorLine> Results(IReadOnlyList<Batch> open, DateTimeOffset now)
    {
        var unread = ResultsWindow.Unread(open, now);
        foreach (var batch in unread)
        {
            var window = ResultsWindow.Of(batch, now)!;
            var age = (now - batch.Remote!.CreatedAt).TotalDays;
            yield return window.Stage == WindowStage.Closed
                ? new DoctorLine("results", DoctorStatus.Fail,
                    $"{batch.Name}: created {age:0.0} days ago, its results were never fetched; the remote removes them at {ResultsWindow.Days} days",
                    "`muster run` still asks for them once; if they are gone, `muster cancel` closes the run and `muster run` asks its rows again, billed again.")
                : new DoctorLine("results", DoctorStatus.Fail,
                    $"{batch.Name}: created {age:0.0} days ago, its results are not fetched; the remote removes them at {window.ClosesAt.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                    "Fetch them now: `muster run`.");
        }

        if (unread.Count == 0)
            yield return new DoctorLine("results", DoctorStatus.Ok, "none unread and near 29 days");
    }
}
