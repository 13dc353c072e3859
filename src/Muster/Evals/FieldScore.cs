namespace Muster.Evals;

internal enum FieldOutcome
{
    Equal,
    Different,

    /// <summary>A judge did not answer: neither right nor wrong.</summary>
    Unscored,
}

/// <param name="Distance">From 0, the same, to 1.</param>
internal readonly record struct FieldScore(FieldOutcome Outcome, double Distance)
{
    public static FieldScore Of(bool isEqual, double distance) => new(isEqual ? FieldOutcome.Equal : FieldOutcome.Different, distance);
}
