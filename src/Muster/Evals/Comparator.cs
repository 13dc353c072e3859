namespace Muster.Evals;

internal enum CompareKind
{
    Exact,
    Set,
    Number,
    Date,
    List,
    Text,

    /// <summary>Judged by a model; the score comes from outside.</summary>
    Rubric,
    Ignore,
}

/// <summary>How an expected value and an answer are compared. What a kind does not use keeps its default.</summary>
internal sealed record Comparator(CompareKind Kind)
{
    /// <summary>Set: the least share of common elements.</summary>
    public double MinJaccard { get; init; } = 1;

    /// <summary>Number: tolerated relative error.</summary>
    public double Rel { get; init; }

    /// <summary>Number: tolerated absolute error.</summary>
    public double Abs { get; init; }

    public int Days { get; init; }

    /// <summary>List: the property that makes an element itself; null when elements are compared whole.</summary>
    public string? Key { get; init; }

    public bool IgnoreOrder { get; init; }

    /// <summary>Text: what is made alike before comparing, in this order.</summary>
    public IReadOnlyList<string> Normalize { get; init; } = [];

    /// <summary>Rubric: what the judge is asked, and the score from which an answer passes.</summary>
    public string? Rubric { get; init; }

    public double MinScore { get; init; } = 0.8;
}
