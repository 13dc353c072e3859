namespace Muster.Simulator.Faults;

/// <summary>Damage to single result lines; each number is a share of the lines unless it says otherwise.</summary>
public sealed record LineFaults
{
    public double Missing { get; init; }

    public double Duplicate { get; init; }

    /// <summary>Answers exchanged between neighbouring lines.</summary>
    public double Swapped { get; init; }

    public double Garbage { get; init; }

    public double Blank { get; init; }

    /// <summary>Lines with a <c>result.type</c> that no client knows.</summary>
    public double UnknownType { get; init; }

    /// <summary>Errored lines with the flat shape that the service never sends.</summary>
    public double FlatError { get; init; }

    /// <summary>Lines with fields that no client knows.</summary>
    public double NewFields { get; init; }

    /// <summary>Number of lines with ids that nobody submitted.</summary>
    public int Extra { get; init; }

    /// <summary>Only the first so many downloads of a batch are damaged; 0 is all of them.</summary>
    public int Downloads { get; init; }

    internal bool Any => Missing + Duplicate + Swapped + Garbage + Blank + UnknownType + FlatError + NewFields > 0 || Extra > 0;
}
