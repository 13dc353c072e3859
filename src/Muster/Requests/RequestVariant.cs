namespace Muster.Requests;

/// <summary>How a request differs from the first one of its row at the same tier.</summary>
public enum VariantKind { Same = 0, LargerCap = 1, Reask = 2 }

/// <summary>How a request differs from the first one of its row at the same tier.</summary>
internal readonly record struct RequestVariant
{
    private RequestVariant(VariantKind kind, string? rejection)
    {
        Kind = kind;
        Rejection = rejection;
    }

    public VariantKind Kind { get; }

    /// <summary>Why the previous answer was rejected; only with <see cref="VariantKind.Reask"/>.</summary>
    public string? Rejection { get; }

    /// <summary>Unchanged, byte for byte.</summary>
    public static RequestVariant Same => default;

    /// <summary>Twice the <c>max_tokens</c>, up to what the model can.</summary>
    public static RequestVariant LargerCap => new(VariantKind.LargerCap, rejection: null);

    /// <summary>The validator's message follows the user message as a paragraph of its own.</summary>
    public static RequestVariant Reask(string rejection) => new(VariantKind.Reask, rejection);
}
