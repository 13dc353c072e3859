using Muster.Jobs;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Evals;

/// <summary>
/// Grades a version of a job against an eval set: asks the cases in a small run of their own, or takes the answers of a run that exists, has
/// rubrics judged by a model in another small run, and keeps the grade. Killed at any point, the same call goes on.
/// </summary>
/// <param name="runner">Opens the runs; null grades without asking anything.</param>
internal sealed class Evaluator(Job job, IStore store, string folder, Runner? runner, PipelineOptions options)
{
    private readonly EvalReader reader = new(store, options.Time);

    /// <summary>Asks the cases, unless this version answered them over this source before.</summary>
    /// <returns>Null when the run stopped before its end; <see cref="End"/> says why.</returns>
    public async Task<EvalResult?> AskAsync(EvalSet set, CancellationToken cancellationToken = default)
    {
        await FinishJudgeAsync(cancellationToken);
        End = await runner!.Beside(job, options with { Scope = RunScope.Eval(set) }).RunAsync(cancellationToken);
        return End.Outcome is RunOutcome.Done or RunOutcome.NothingToDo ? await GradeAsync(set, End.Run, cancellationToken) : null;
    }

    /// <summary>Grades what a run answered.</summary>
    /// <returns>Null when a judge's run stopped before its end; <see cref="End"/> says why.</returns>
    public async Task<EvalResult?> GradeAsync(EvalSet set, Run run, CancellationToken cancellationToken = default)
    {
        var file = new JudgeFile(store, reader, folder);
        var (scores, account) = (JudgeScores.None, (JudgeAccount?)null);
        if (job.Evals?.Judge is { } model && await file.WriteAsync(run, set, cancellationToken) is { } questions)
        {
            if (runner is null)
                throw new InvalidOperationException("A judge is needed, and nothing can be asked.");
            await FinishJudgeAsync(cancellationToken);
            var judge = JudgeJob.Of(job, model, questions);
            End = await runner.Beside(judge, options with { Scope = RunScope.Judge(set, run), Anew = false }).RunAsync(cancellationToken);
            if (End.Outcome is not (RunOutcome.Done or RunOutcome.NothingToDo))
                return null;
            File.Delete(questions);
            (scores, account) = await ScoresAsync(End.Run, model, cancellationToken);
        }

        var grade = await store.RecordGradeAsync(await reader.GradeAsync(run, set, scores, cancellationToken), cancellationToken);
        return await reader.CompareAsync(run, grade, cancellationToken) with { Judge = account };
    }

    /// <summary>Where the last run stopped; null when none was made.</summary>
    public RunEnd? End { get; private set; }

    /// <summary>True when grading a set takes a judge.</summary>
    public static bool NeedsJudge(Job job, EvalSet set) => job.Evals?.Judge is not null && set.Fields.Values.Any(by => by.Kind == CompareKind.Rubric);

    /// <summary>A judge's run that was killed holds every other run up; its questions are those it was opened with.</summary>
    private async Task FinishJudgeAsync(CancellationToken cancellationToken)
    {
        if ((await store.RunsAsync(cancellationToken)).LastOrDefault(run => run.Job == job.Name) is not { Kind: RunKinds.Judge } last || RunStates.IsFinal(last.State))
            return;
        var cases = await store.EvalSetAsync(last.Id, cancellationToken);
        await runner!.Beside(JobSnapshot.FromJson(last.Snapshot), options with { Scope = RunScope.Full with { Cases = new RunCases(RunKinds.Judge, cases!) }, Anew = false })
            .RunAsync(cancellationToken);
    }

    private async Task<(JudgeScores Scores, JudgeAccount Account)> ScoresAsync(Run run, string model, CancellationToken cancellationToken)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        long asked = 0;
        await foreach (var row in store.AnswersAsync(run.Id, cancellationToken))
        {
            asked++;
            if (row is { State: RowState.Succeeded, Output.IsEmpty: false } && JudgeJob.Score(row.Output) is { } score)
                scores[row.Key] = score;
        }

        var cost = (await store.UsageAsync(run.Id, cancellationToken)).Sum(usage => usage.CostPicoUsd);
        return (new JudgeScores(run.JobVersion, scores), new JudgeAccount(run.Name, model, run.JobVersion, asked, scores.Count, asked - scores.Count, cost));
    }
}
