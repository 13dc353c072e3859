namespace Muster.Claude;

/// <summary>A price file that cannot be used, with every fault found in it.</summary>
public sealed class PricesException : MusterException
{
    internal PricesException(string path, IReadOnlyList<string> faults)
        : base(
            faults.Count == 1 ? $"{path}: {faults[0]}" : $"{path} has {faults.Count} faults:{string.Concat(faults.Select(f => $"{Environment.NewLine}  {f}"))}",
            "Correct the file, or unset MUSTER_PRICES to use the built-in prices.")
    {
        Path = path;
        Faults = faults;
    }

    public string Path { get; }

    /// <summary>At least one.</summary>
    public IReadOnlyList<string> Faults { get; }
}
