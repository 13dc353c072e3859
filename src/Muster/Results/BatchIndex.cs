using System.Buffers.Binary;
using System.Collections;
using System.Security.Cryptography;
using System.Text;
using Muster.Batches;
using Muster.Requests;
using Muster.Runs;
using Muster.Stores;

namespace Muster.Results;

/// <summary>
/// The requests of one batch by <c>custom_id</c>, and which of them have been seen. About 60 bytes a request, bounded by the
/// batch limit. Ids are held as 128 bits of their SHA-256.
/// </summary>
internal sealed class BatchIndex
{
    private readonly Dictionary<UInt128, int> ordinals = [];
    private readonly List<RequestRef> requests = [];
    private readonly BitArray seen = new(0);
    private Source? source;

    public int Count => requests.Count;

    public int Seen { get; private set; }

    /// <summary>Takes in a batch in place of the one before. The tables are kept from batch to batch: at this size the collector would
    /// leave each one standing for a long time.</summary>
    public async Task LoadAsync(IStore store, Run run, Batch batch, CancellationToken cancellationToken)
    {
        source = new Source(store, run, batch);
        ordinals.Clear();
        requests.Clear();
        ordinals.EnsureCapacity(batch.Requests);
        requests.EnsureCapacity(batch.Requests);
        var id = new byte[CustomId.MaxChars];
        await foreach (var row in store.ReadRequestsAsync(batch.Id, cancellationToken))
        {
            var length = CustomId.Write(id, row.Key, row.IdPart, run.Tag, batch.Nonce, row.Attempt);
            ordinals.Add(Hash(id.AsSpan(0, length)), requests.Count);
            requests.Add(new RequestRef(row.RequestId, row.RowId, row.Tier, row.Spent, row.Tries, row.Variant));
        }

        seen.Length = requests.Count;
        Forget();
    }

    /// <summary>The request of an id, or null when the batch has none such.</summary>
    public RequestRef? Find(ReadOnlySpan<byte> customId) =>
        ordinals.TryGetValue(Hash(customId), out var ordinal) ? requests[ordinal] : null;

    /// <summary>Marks an id as seen.</summary>
    public Mark See(ReadOnlySpan<byte> customId)
    {
        if (!ordinals.TryGetValue(Hash(customId), out var ordinal))
            return Mark.Unknown;
        if (seen[ordinal])
            return Mark.Repeated;
        seen[ordinal] = true;
        Seen++;
        return Mark.First;
    }

    /// <summary>The id of the first request that is not seen, read again because ids are not held; null when all are seen.</summary>
    public async Task<string?> FirstUnseenAsync(CancellationToken cancellationToken)
    {
        if (Seen == Count)
            return null;
        var id = new byte[CustomId.MaxChars];
        await foreach (var row in source!.Store.ReadRequestsAsync(source.Batch.Id, cancellationToken))
        {
            var length = CustomId.Write(id, row.Key, row.IdPart, source.Run.Tag, source.Batch.Nonce, row.Attempt);
            if (ordinals.TryGetValue(Hash(id.AsSpan(0, length)), out var ordinal) && !seen[ordinal])
                return Encoding.ASCII.GetString(id, 0, length);
        }

        throw new System.Diagnostics.UnreachableException();
    }

    public void Forget()
    {
        seen.SetAll(false);
        Seen = 0;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> customId)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(customId, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private sealed record Source(IStore Store, Run Run, Batch Batch);
}

internal enum Mark { First, Repeated, Unknown }

internal readonly record struct RequestRef(long RequestId, long RowId, int Tier, int Spent, int Tries, VariantKind Variant);
