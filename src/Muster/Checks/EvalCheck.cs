using Muster.Evals;
using Muster.Jobs;

namespace Muster.Checks;

/// <summary>Looks at the eval set that a job carries: a full run with a bad one is refused, so it is told before.</summary>
internal static class EvalCheck
{
    public static IEnumerable<CheckFinding> Of(Job job)
    {
        if (job.Evals is not { } evals)
            return [];
        if (!File.Exists(evals.SetPath))
        {
            return [new CheckFinding(CheckSeverity.Warning, "evals.set", $"there is no {evals.SetPath} yet; a full run is refused without it",
                "`muster pilot --lock` writes NAME.evalset.jsonl from a pilot's accepted rows.")];
        }

        try
        {
            var set = EvalSetFile.Load(evals.SetPath, job);
            return evals.Judge is null && set.Fields.Any(field => field.Value.Kind == CompareKind.Rubric)
                ? [new CheckFinding(CheckSeverity.Warning, "evals.judge", $"{set} compares fields by rubric, and no judge is named: their cases stay ungraded", "Add `judge: MODEL` to `evals`.")]
                : [];
        }
        catch (EvalSetException refusal)
        {
            return refusal.Faults.Select(fault => new CheckFinding(CheckSeverity.Fault, $"{refusal.Path}:{fault.Line}", fault.Message, fault.Hint));
        }
    }
}
