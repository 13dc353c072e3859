using Muster.Drift;
using Muster.Evals;
using Muster.Jobs;
using Muster.Promotion;
using Muster.Review;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Reports;

/// <summary>Adds to an account what was found out about its run elsewhere: evals, reviews, drift, and what people call its issues.</summary>
internal static class Judgements
{
    public static async Task<RunAccount> WithJudgementsAsync(
        this RunAccount account, SqliteStore store, Job job, TimeProvider time, CancellationToken cancellationToken) =>
        account with
        {
            Eval = await EvalAsync(account.Run, store, time, cancellationToken),
            Review = MeasuredFacts.Of(ReviewAccount.Read(store, account.Run, time.GetUtcNow())),
            Drift = await DriftAsync(account.Run, store, job, time, cancellationToken),
            Picture = account.Picture is not { } picture ? null : picture with
            {
                Issues = picture.Issues with { Names = store.Issues(account.Run.Job).ToDictionary(issue => issue.Fingerprint, issue => issue.Id) },
            },
        };

    /// <summary>The newest grade of the run's own rows or of its version; null when there is none. What its gold rows said stands in the account already.</summary>
    private static async Task<ReportedFacts?> EvalAsync(Run run, SqliteStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        // Graded again, a grade keeps its number and gets another time.
        var newest = (await store.GradesAsync(run.Job, cancellationToken)).Where(
            grade => grade.Source != GradeSource.Gold && (grade.RunId == run.Id || (grade.Source == GradeSource.Eval && grade.JobVersion == run.JobVersion))).OrderBy(grade => grade.At).LastOrDefault();
        if (newest is null)
            return null;
        var facts = MeasuredFacts.Of(await new EvalReader(store, time).CompareAsync(run, newest, cancellationToken))!;
        return JobSnapshot.FromJson(run.Snapshot).Source.Key.Sensitive ? facts with { Sentence = RowWords.LeftOut } : facts;
    }

    /// <summary>Null for a run that is not judged for drift: one under way, one over picked rows, one that was purged, or while the target cannot be asked.</summary>
    private static async Task<DriftReport?> DriftAsync(Run run, SqliteStore store, Job job, TimeProvider time, CancellationToken cancellationToken)
    {
        if (run.State != RunState.Done || run.IsOverPickedRows())
            return null;
        try
        {
            return (await new DriftReader(store, job, time).ReadAsync(run, null, cancellationToken)).Report;
        }
        catch (Exception refusal) when (refusal is DriftException or TargetException)
        {
            // The account says itself that the target cannot be asked.
            return null;
        }
    }
}
