namespace Muster.Contracts;

public enum ContractResultKind
{
    Valid,

    /// <summary>Not one well-formed JSON text in UTF-8, or nested deeper than 64.</summary>
    NotJson,

    /// <summary>JSON that breaks a keyword, repeats a property name, or needs more steps than the budget.</summary>
    Schema,

    /// <summary>A value outside an <c>enum</c>.</summary>
    EnumUnknown,
}

/// <param name="Kind">What was found.</param>
/// <param name="Pointer">JSON pointer into the checked text; the empty string is the whole text.</param>
/// <param name="Keyword">The schema keyword that was broken, <c>json</c> for text that is not JSON, or one of the limits of
/// <c>docs/contract.md</c>: <c>duplicate</c>, <c>budget</c>.</param>
/// <param name="Message">One sentence for a person, which also serves as the text of a re-ask; the value is cut and escaped.</param>
public readonly record struct ContractResult(ContractResultKind Kind, string Pointer, string Keyword, string Message)
{
    public static ContractResult Valid { get; } = new(ContractResultKind.Valid, "", "", "");

    public bool IsValid => Kind == ContractResultKind.Valid;
}
