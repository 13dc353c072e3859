using System.Text.Json;
using Muster.Evals;
using Muster.Jobs;
using Muster.Runs;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Drift;

/// <summary>
/// Rows of a full run that are cases of the job's eval set: graded beside the same rows of the reference, or where there is none beside
/// the locked baseline, and counted by where their right answer went.
/// </summary>
internal sealed class GoldAnswers(SqliteStore store, Job job)
{
    private Transitions? moves;

    /// <summary>From the expected value to the answered one, for fields that are categories; null when nothing was graded.</summary>
    public Transitions? Moves => moves;

    /// <returns>The two gradings side by side, or null, and a sentence about the eval set.</returns>
    public async Task<(EvalComparison? Comparison, string Note)> GradeAsync(RunFamily family, RunFamily? reference, CancellationToken cancellationToken = default)
    {
        var path = EvalSetFile.PathOf(job);
        if (!File.Exists(path))
            return (null, $"There is no eval set {Path.GetFileName(path)}.");
        EvalSet set;
        try
        {
            set = EvalSetReader.Read(File.ReadAllBytes(path), path, JobSnapshot.FromJson(family.Full.Snapshot).Contract.SchemaJson);
        }
        catch (EvalSetException broken)
        {
            return (null, $"The eval set cannot be used: {broken.Message}");
        }

        moves = new Transitions();
        var count = Count(family);
        var now = Grader.Grade(set, family.Full.JobVersion, one => Answer(family, one, count));
        var before = reference is null
            ? await BaselineAsync(family, set, cancellationToken)
            : Grader.Grade(set, reference.Full.JobVersion, one => Answer(reference, one, null));
        return (EvalComparison.Of(before, now), $"{set}: {now.Sentence}");
    }

    /// <summary>The locked grading, unless a judge scored it: here none does.</summary>
    private async Task<EvalGrade?> BaselineAsync(RunFamily family, EvalSet set, CancellationToken cancellationToken) =>
        (await store.BaselineAsync(family.Full.Job, set.Id, cancellationToken))?.Grade is { Judge: null } locked ? locked.Grade : null;

    private EvalAnswer Answer(RunFamily family, EvalCase one, Action<EvalCase, RunRow>? seen)
    {
        if (store.Answer(family, one.Key) is not { } found)
            return EvalAnswer.NotAsked;
        // An expectation about other input says nothing about this row.
        if (one.InputHash is { } hash && hash != Convert.ToHexStringLower(Sources.SourceRow.SourceHash(found.Row.Input.Span)))
            return EvalAnswer.NotAsked;
        if (found.State != RowState.Succeeded)
            return new EvalAnswer(AnswerState.Rejected, default, found.Row.Reason);
        seen?.Invoke(one, found.Row);
        return new EvalAnswer(AnswerState.Answered, found.Row.Output);
    }

    private Action<EvalCase, RunRow> Count(RunFamily family)
    {
        var shape = RunShape.Of(family.Full);
        var slices = new RowSlices(shape);
        var fields = shape.Fields.Where(field => field.Kind == FieldKind.Category).ToList();
        return (one, row) =>
        {
            using var output = JsonDocument.Parse(row.Output);
            foreach (var field in fields)
            {
                if (one.Expect.TryGetValue(field.Pointer, out var expected) && output.RootElement.TryGetProperty(field.Name, out var answered))
                    moves!.Add(field.Pointer, slices.Of(row.Input, row.Model), Text(expected), Text(answered));
            }
        };
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
