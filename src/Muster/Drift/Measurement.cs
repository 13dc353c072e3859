namespace Muster.Drift;

/// <summary>The effect from which a real difference counts. A floor that nothing reaches switches the severity off.</summary>
internal readonly record struct Floors(double Warn, double Block);

/// <summary>One comparison of one check, before it is judged together with all others.</summary>
/// <param name="Check">The check's id, as <c>A3</c>.</param>
/// <param name="Field">JSON pointer of the output's field; empty when the check is about no field.</param>
/// <param name="Slice">Empty for the whole run.</param>
internal sealed record Measurement(string Check, string Field, string Slice, string Measured, string Reference, string Sentence)
{
    /// <summary>The chance of this without drift; null when the answer follows without a test.</summary>
    public double? P { get; init; }

    public double Effect { get; init; }

    public Floors Floors { get; init; }

    /// <summary>The smaller number of rows that it rests on, and how many it needs.</summary>
    public long N { get; init; }

    public long MinN { get; init; }

    /// <summary>The severity of a check that needs no test.</summary>
    public Severity? Given { get; init; }

    /// <summary>Names what is searched for over many slices, so that the strongest hit stands for those that overlap it.</summary>
    public string? Scan { get; init; }

    /// <summary>The selector of the rows that it is about; null when they cannot be named so.</summary>
    public string? Select { get; init; }

    /// <summary>Orders the hits of a scan; a standard score.</summary>
    public double Strength { get; init; }

    public static Measurement None(string check, string field, string why) =>
        new(check, field, "", "", "", why) { Given = Severity.NotApplicable };
}
