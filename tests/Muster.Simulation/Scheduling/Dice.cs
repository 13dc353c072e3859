namespace Muster.Simulation.Scheduling;

/// <summary>Seeded chance (SplitMix64): the same on every machine and runtime.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong state = seed * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL;

    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public int Between(int least, int most) => least + Below(most - least + 1);

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Hit(double chance) => chance > 0 && Unit() < chance;

    public TimeSpan Seconds(double least, double most) => TimeSpan.FromSeconds(least + ((most - least) * Unit()));

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
