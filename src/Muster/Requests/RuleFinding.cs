namespace Muster.Requests;

internal enum RuleSeverity { Warning, Fault }

/// <summary>Something about a request that the API would refuse, or that a user should know before paying for it.</summary>
/// <param name="Severity">A fault stops the job before anything is sent.</param>
/// <param name="Where">The field of the job file, as <c>tiers[1].params.stream</c>.</param>
/// <param name="What">What was found and why it cannot work, or costs.</param>
/// <param name="Hint">What to write instead.</param>
internal sealed record RuleFinding(RuleSeverity Severity, string Where, string What, string Hint);
