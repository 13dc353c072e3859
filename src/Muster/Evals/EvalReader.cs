using Muster.Runs;
using Muster.Stores;

namespace Muster.Evals;

/// <summary>Reads what runs answered to the cases of an eval set, and has it graded and compared with the locked baseline.</summary>
internal sealed class EvalReader(IStore store, TimeProvider time)
{
    /// <summary>The gold rows of a run: the grade that is kept, or the one that would be. Null when it carries none.</summary>
    public async Task<EvalResult?> GoldAsync(Run run, CancellationToken cancellationToken = default)
    {
        if (!run.CarriesGold || await store.EvalSetAsync(run.Id, cancellationToken) is not { } stored)
            return null;
        var kept = (await store.GradesAsync(run.Job, cancellationToken)).LastOrDefault(grade => grade.RunId == run.Id && grade.Source == GradeSource.Gold);
        var grade = kept ?? (stored.Read() is { } set ? await GradeGoldAsync(run, set, JudgeScores.None, cancellationToken) : null);
        return grade is null ? null : await CompareAsync(run, grade, cancellationToken);
    }

    /// <summary>Grades the gold rows of a run that is done, and keeps the grade.</summary>
    public async Task<EvalResult> KeepGoldAsync(Run run, CancellationToken cancellationToken = default)
    {
        if (await GoldAsync(run, cancellationToken) is not { } result)
            throw new ArgumentException($"{run.Name} carries no gold rows.", nameof(run));
        return result.Grade.Id > 0 ? result : result with { Grade = await store.RecordGradeAsync(result.Grade, cancellationToken) };
    }

    /// <summary>Grades a run against a set: its gold rows where it carries those of this set, else its own rows, by key.</summary>
    public async Task<StoredGrade> GradeAsync(Run run, EvalSet set, JudgeScores scores, CancellationToken cancellationToken = default)
    {
        if (run.CarriesGold && (await store.EvalSetAsync(run.Id, cancellationToken))?.Hash == set.Hash)
            return await GradeGoldAsync(run, set, scores, cancellationToken);
        var answers = await AnswersAsync(run, set, cancellationToken);
        return Of(run, run.Kind == RunKinds.Eval ? GradeSource.Eval : GradeSource.Rows, Grader.Grade(set, run.JobVersion, one => scores.For(one, answers[one.Key])), scores);
    }

    /// <summary>What a run answered to each case, by the case's key.</summary>
    public async Task<IReadOnlyDictionary<string, EvalAnswer>> AnswersAsync(Run run, EvalSet set, CancellationToken cancellationToken = default)
    {
        var answers = new Dictionary<string, EvalAnswer>(StringComparer.Ordinal);
        foreach (var one in set.Cases)
        {
            var row = await store.AnswerAsync(run.Id, one.Key, cancellationToken);
            var isOther = row is not null && one.Input is null && one.InputHash is not null && one.InputHash != row.InputHash;
            answers[one.Key] = row is null || isOther ? EvalAnswer.NotAsked : row.ToEval();
        }

        return answers;
    }

    /// <summary>Every answer of a run's gold rows, by the case's key, in the order of asking.</summary>
    public async Task<IReadOnlyDictionary<string, List<EvalAnswer>>> GoldAnswersAsync(Run run, CancellationToken cancellationToken = default)
    {
        var answers = new Dictionary<string, List<EvalAnswer>>(StringComparer.Ordinal);
        await foreach (var row in store.AnswersAsync(GoldRun.IdOf(run.Id), cancellationToken))
        {
            var key = GoldRun.CaseOf(row.Key);
            if (!answers.TryGetValue(key, out var list))
                answers[key] = list = [];
            list.Add(row.ToEval());
        }

        return answers;
    }

    public async Task<EvalResult> CompareAsync(Run run, StoredGrade grade, CancellationToken cancellationToken = default)
    {
        var baseline = await store.BaselineAsync(run.Job, grade.Grade.SetId, cancellationToken);
        // Scores of two judges share no axis.
        var gate = baseline is not null && baseline.Grade.Judge != grade.Judge
            ? EvalGate.OfTwoJudges(grade, baseline)
            : EvalGate.Judge(grade.Grade, baseline?.Grade.Grade);
        return new EvalResult(run, grade, baseline, gate);
    }

    private async Task<StoredGrade> GradeGoldAsync(Run run, EvalSet set, JudgeScores scores, CancellationToken cancellationToken)
    {
        var asked = await GoldAnswersAsync(run, cancellationToken);
        return Of(run, GradeSource.Gold, GoldGrader.Grade(set, run.JobVersion, asked, scores), scores);
    }

    private StoredGrade Of(Run run, GradeSource source, EvalGrade grade, JudgeScores scores) =>
        new(0, run.Id, run.Name, source, run.Job, grade, scores.Judge, time.GetUtcNow());
}
