using System.Text;

namespace Muster.Contracts;

/// <param name="Pointer">JSON pointer into the schema; the empty string is its root.</param>
/// <param name="Keyword">The keyword at fault, or the empty string when the text as a whole is.</param>
/// <param name="What">What is wrong, with the value cut and escaped.</param>
/// <param name="Hint">The next step.</param>
public sealed record ContractFault(string Pointer, string Keyword, string What, string Hint)
{
    internal string Where => Pointer.Length == 0 ? "the root" : Pointer;
}

/// <summary>A schema that cannot become a contract. Every fault is listed at once, in document order.</summary>
public sealed class ContractException : MusterException
{
    public ContractException(string schemaPath, IReadOnlyList<ContractFault> faults)
        : base(Describe(schemaPath, faults), faults[0].Hint)
    {
        SchemaPath = schemaPath;
        Faults = faults;
    }

    public string SchemaPath { get; }

    /// <summary>At least one.</summary>
    public IReadOnlyList<ContractFault> Faults { get; }

    private static string Describe(string schemaPath, IReadOnlyList<ContractFault> faults)
    {
        var text = new StringBuilder();
        text.Append(schemaPath).Append(" is not a usable contract: ");
        text.Append(faults.Count == 1 ? "1 fault." : $"{faults.Count} faults.");
        foreach (var fault in faults)
        {
            text.Append('\n').Append("  at ").Append(fault.Where).Append(": ").Append(fault.What);
        }

        return text.ToString();
    }
}
