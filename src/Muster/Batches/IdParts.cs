using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Muster.Requests;

namespace Muster.Batches;

/// <summary>Chooses for each row of one batch what stands in its id: the key, or a hash of it.</summary>
internal sealed class IdParts(bool sensitive, byte[] secret)
{
    // 64 bits of each part without its case: two parts that collide cost one row its readable id, nothing else.
    private readonly HashSet<ulong> taken = [];
    private List<HashedId> hashed = [];
    private string? part;

    public IReadOnlyList<HashedId> Hashed => hashed;

    /// <summary>Begins a batch. The table is kept from batch to batch: at this size the collector would leave each one standing.</summary>
    public void Begin()
    {
        taken.Clear();
        hashed = [];
    }

    /// <summary>The hashed part, or null for a readable key. Two keys that differ only by case do not both stay readable.</summary>
    /// <param name="repeated">True when even the hash is taken: the row belongs in another batch.</param>
    public string? Of(AskRow row, out bool repeated)
    {
        part = null;
        if (sensitive || !CustomId.IsReadable(row.Key) || taken.Contains(Folded(row.Key)))
            part = CustomId.HashedPart(row.Key, sensitive ? secret : []);
        repeated = part is not null && taken.Contains(Folded(part));
        return part;
    }

    /// <summary>Takes the row that <see cref="Of"/> was last asked about into the batch.</summary>
    public void Keep(AskRow row)
    {
        taken.Add(Folded(part ?? row.Key));
        if (part is not null)
            hashed.Add(new HashedId(row.RowId, part));
    }

    private static ulong Folded(string part)
    {
        Span<char> folded = stackalloc char[CustomId.MaxChars];
        var length = part.AsSpan().ToUpperInvariant(folded);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(MemoryMarshal.AsBytes(folded[..length]), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
