namespace Muster.Drift.Checks;

/// <summary>A19: a model answered that did not answer before and that the job does not name.</summary>
internal sealed class ModelIdCheck : ICheck
{
    public string Id => "A19";

    public string Title => "model ids";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        var now = input.Current.Models.Keys.ToList();
        if (now.Count == 0)
            return [Measurement.None(Id, "", "No answer names its model.")];
        if (input.Reference is not { Models.Count: > 0 } reference)
            return [new Measurement(Id, "", "", Excerpt.List(now), "", $"Answered by {Excerpt.List(now)}; a later run is compared with it.") { Given = Severity.Info }];
        var strange = now.Where(model => !reference.Models.ContainsKey(model)).ToList();
        var unknown = strange.Where(model => !input.JobModels.Contains(model)).ToList();
        var sentence = unknown.Count > 0 ? $"{input.Current.Models.Where(pair => unknown.Contains(pair.Key)).Sum(pair => pair.Value):N0} answers are of {Excerpt.List(unknown)}, which neither the reference nor the job names."
            : strange.Count > 0 ? $"{Excerpt.List(strange)} is new; the job names it."
            : $"Answered by {Excerpt.List(now)}, as before.";
        return
        [
            new Measurement(Id, "", "", Excerpt.List(now), Excerpt.List([.. reference.Models.Keys]), sentence)
            {
                Given = unknown.Count > 0 ? Severity.Block : strange.Count > 0 ? Severity.Info : Severity.Ok,
            },
        ];
    }
}
