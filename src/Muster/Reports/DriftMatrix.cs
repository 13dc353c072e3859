using Muster.Drift;

namespace Muster.Reports;

/// <summary>Checks against fields: the worst of what each check said about each field.</summary>
/// <param name="Fields">Empty for the run as a whole, which comes first.</param>
internal sealed record DriftMatrix(IReadOnlyList<string> Fields, IReadOnlyList<DriftMatrixRow> Rows)
{
    private const int MaxFields = 12;

    public static DriftMatrix Of(DriftReport report)
    {
        // The fields with the worst findings, where there are more than a page is wide.
        var fields = report.Findings.GroupBy(finding => finding.Field).OrderByDescending(group => group.Key.Length == 0).ThenByDescending(group => group.Max(finding => finding.Severity))
            .ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key).Take(MaxFields).ToList();
        return new DriftMatrix(fields, [.. report.Findings.GroupBy(finding => (finding.Check, finding.Title)).Select(check => new DriftMatrixRow(check.Key.Check, check.Key.Title,
            [.. fields.Select(field => check.Where(finding => finding.Field == field).Select(finding => (Severity?)finding.Severity).Max())]))]);
    }
}

/// <param name="Worst">One for each field; null where the check says nothing of it.</param>
internal sealed record DriftMatrixRow(string Check, string Title, IReadOnlyList<Severity?> Worst);
