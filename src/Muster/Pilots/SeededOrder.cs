namespace Muster.Pilots;

/// <summary>A shuffled order that depends on the seed alone, by the finalizer of SplitMix64: the n lowest places are a random sample.</summary>
internal static class SeededOrder
{
    public static ulong Place(ulong seed, ulong stream, long record) => Mix(Mix(seed + stream) + (ulong)record);

    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
