using Muster.Jobs;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Drift;

/// <summary>What of a run's rows is profiled: its contract's fields, and its source's columns as its prompt and its job use them.</summary>
internal static class RunShape
{
    public static ProfileShape Of(Run run)
    {
        var job = JobSnapshot.FromJson(run.Snapshot);
        var used = PromptTemplates.Compile(job.Prompt, run.Columns).Used;
        return ProfileShape.Of(job.Contract.SchemaJson, [.. run.Columns.Select((name, i) => new ShapeColumn(name, used[i], job.Slices.Contains(name)))]);
    }
}
