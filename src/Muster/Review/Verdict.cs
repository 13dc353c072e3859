namespace Muster.Review;

/// <summary>What a person says of a row.</summary>
internal sealed record Verdict(Decision Decision)
{
    /// <summary>One of <see cref="RejectReasons"/>; only with <see cref="Decision.Reject"/>.</summary>
    public string? Reason { get; init; }

    public string? Note { get; init; }

    /// <summary>The whole corrected output as it was typed; only with <see cref="Decision.Edit"/>.</summary>
    public ReadOnlyMemory<byte>? Edited { get; init; }

    /// <summary>Values to set in the output instead, as <c>/category=Shoes</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>How long the person looked.</summary>
    public double Seconds { get; init; }
}
