namespace Muster.Review;

/// <summary>Quarantined rows of one run that failed alike.</summary>
/// <param name="Fingerprint">With its version, as <c>v1:0123456789ab</c>: the same in every run under the same contract.</param>
/// <param name="Reason">Of the first row.</param>
/// <param name="Example">The first row's message; null when there is none.</param>
/// <param name="FirstLine">Of the source, in row order.</param>
/// <param name="Keys">Up to three; none where the job calls its keys sensitive.</param>
/// <param name="Action">What a person may do.</param>
internal sealed record IssueGroup(
    string Fingerprint, string Reason, string? Example, long Rows, string FirstLine, string LastLine, IReadOnlyList<string> Keys, string Action);
