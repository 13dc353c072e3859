using System.Security.Cryptography;

namespace Muster;

/// <summary>The source of ids and jitter. Seeded, it gives the same sequence every time; unseeded, it is unguessable.</summary>
public sealed class Chance
{
    private readonly Random? seeded;

    private Chance(Random? seeded) => this.seeded = seeded;

    public static Chance Unguessable() => new(null);

    public static Chance Seeded(int seed) => new(new Random(seed));

    /// <summary>A name of so many Crockford characters.</summary>
    internal string Name(int chars)
    {
        Span<byte> bits = stackalloc byte[16];
        Fill(bits);
        Span<char> name = stackalloc char[chars];
        Requests.Crockford.Write(bits, name);
        return new string(name);
    }

    internal void Fill(Span<byte> bytes)
    {
        if (seeded is not null)
            seeded.NextBytes(bytes);
        else
#pragma warning disable RS0030 // The one place that may draw.
            RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
    }
}
