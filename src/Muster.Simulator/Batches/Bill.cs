namespace Muster.Simulator.Batches;

/// <summary>Tokens of succeeded lines; nothing else is billed.</summary>
internal sealed record Bill(long Rows, long Input, long Output, long CacheWrite, long CacheRead, decimal Dollars)
{
    public static Bill Zero { get; } = new(0, 0, 0, 0, 0, 0);

    public Bill Plus(Bill other) =>
        new(Rows + other.Rows, Input + other.Input, Output + other.Output, CacheWrite + other.CacheWrite, CacheRead + other.CacheRead, Dollars + other.Dollars);
}
