namespace Muster.Drift;

/// <summary>What one check says about one field or slice.</summary>
/// <param name="Q">The rate of false discoveries at which this one counts, over all comparisons of the report; null without a test.</param>
/// <param name="Sentence">For a person, with its numbers.</param>
internal sealed record DriftFinding(
    string Check, string Title, string Field, string Slice, string Measured, string Reference, double? Q, Severity Severity, string Sentence)
{
    /// <summary>The selector of the rows that it is about; null when they cannot be named so.</summary>
    public string? Select { get; init; }

    /// <summary>The reason code of a run that this finding holds.</summary>
    public string Reason => $"{Verdicts.Reasons.Drift}.{Check}";
}

/// <param name="Findings">Every check in the order of their ids, each field of it, then the slices where it says something.</param>
/// <param name="Comparisons">Tests that share the two limits on false discoveries.</param>
internal sealed record DriftReport(IReadOnlyList<DriftFinding> Findings, int Comparisons)
{
    public Severity Worst => Findings.Count == 0 ? Severity.NotApplicable : Findings.Max(finding => finding.Severity);

    /// <summary>A run whose promotion is held.</summary>
    public bool Blocks => Worst == Severity.Block;

    public string Sentence
    {
        get
        {
            var counts = Findings.GroupBy(finding => finding.Severity).ToDictionary(group => group.Key, group => group.Count());
            var silent = counts.GetValueOrDefault(Severity.NotApplicable);
            var rest = silent == 0 ? "" : $" {Amount.Of(silent, "check")} could not answer.";
            return Worst switch
            {
                Severity.Block => $"{Findings.First(finding => finding.Severity == Severity.Block).Sentence} Promotion is held.{rest}",
                Severity.Warn => $"{Findings.First(finding => finding.Severity == Severity.Warn).Sentence}{rest}",
                _ => $"No drift beyond the floors.{rest}",
            };
        }
    }
}
