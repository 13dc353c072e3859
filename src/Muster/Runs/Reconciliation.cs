namespace Muster.Runs;

/// <summary>One equation of the books: every term must be the same number, or the sum must hold.</summary>
/// <param name="Of">What it is about: a run, a batch, a promotion, the intent log or the remote.</param>
/// <param name="Text">The equation with its numbers, as it is read.</param>
internal sealed record Equation(string Of, string Text, bool Holds);

/// <summary>Something that balances and still wants a look before it costs: an unknown intent, a window that closes.</summary>
internal sealed record Notice(string Of, string Text, string Hint);

/// <summary>What counting everything again came to.</summary>
/// <param name="Equations">In the order of the path.</param>
/// <param name="Differences">What the audit of the store found, one sentence each.</param>
/// <param name="RemoteSkipped">Why the remote was not compared; null when it was.</param>
/// <param name="TargetSkipped">Why the target was not compared; null when it was.</param>
internal sealed record Reconciliation(
    IReadOnlyList<Equation> Equations, IReadOnlyList<string> Differences, IReadOnlyList<Notice> Notices, string? RemoteSkipped, string? TargetSkipped)
{
    public bool Balances => Differences.Count == 0 && Equations.All(equation => equation.Holds);
}
