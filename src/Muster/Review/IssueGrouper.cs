using System.Security.Cryptography;
using System.Text;
using Muster.Jobs;
using Muster.Runs;

namespace Muster.Review;

/// <summary>Groups quarantined rows as they pass. It holds the issues, not the rows.</summary>
/// <param name="job">As the run was opened: its contract is part of each fingerprint.</param>
internal sealed class IssueGrouper(Job job)
{
    /// <summary>Beyond this many the rest is counted alone: nobody reads more lines, and memory stays bounded.</summary>
    public const int MaxIssues = 10_000;

    private const int ExampleKeys = 3;
    private const int ExampleChars = 300;

    private readonly string contract = ContractVersion(job);
    private readonly bool hidesKeys = job.Source.Key.Sensitive;
    private readonly Dictionary<string, Tally> issues = new(StringComparer.Ordinal);

    /// <summary>Quarantined rows that were added.</summary>
    public long Rows { get; private set; }

    /// <summary>Of these, rows of issues beyond <see cref="MaxIssues"/>.</summary>
    public long Ungrouped { get; private set; }

    /// <summary>Most rows first; then by fingerprint.</summary>
    public IReadOnlyList<IssueGroup> Issues => [.. issues.Select(issue => issue.Value.ToGroup(issue.Key)).OrderByDescending(issue => issue.Rows).ThenBy(issue => issue.Fingerprint, StringComparer.Ordinal)];

    /// <summary>Of the contract that judged the rows.</summary>
    public string Contract => contract;

    public string FingerprintOf(EvidenceRow row) => Fingerprint.OfRow(row.Reason, row.Message ?? "", contract);

    public void Add(EvidenceRow row)
    {
        if (row.State != RowState.Quarantined)
            return;
        Rows++;
        var fingerprint = FingerprintOf(row);
        if (!issues.TryGetValue(fingerprint, out var tally))
        {
            if (issues.Count == MaxIssues)
            {
                Ungrouped++;
                return;
            }

            // The answer itself is not kept.
            issues.Add(fingerprint, tally = new Tally(row with { Output = default }));
        }

        tally.Add(row, hidesKeys);
    }

    /// <summary>A hash of what judges an answer: the schema and what asks for a person.</summary>
    private static string ContractVersion(Job job) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{job.Contract.SchemaJson}\u001f{job.Contract.HumanQueueJson}")))[..12];

    private sealed class Tally(EvidenceRow first)
    {
        private readonly List<string> keys = [];
        private string lastLine = first.Line;
        private long rows;

        public void Add(EvidenceRow row, bool hidesKeys)
        {
            rows++;
            lastLine = row.Line;
            if (!hidesKeys && row.Key is { } key && keys.Count < ExampleKeys)
                keys.Add(key);
        }

        public IssueGroup ToGroup(string fingerprint) => new(fingerprint, first.Reason, first.Message is { } message ? Excerpt.Of(message, ExampleChars) : null,
            rows, first.Line, lastLine, keys, ReasonActions.Of(first.Reason));
    }
}
