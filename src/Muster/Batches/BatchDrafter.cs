using System.Buffers;
using System.Security.Cryptography;
using Muster.Evals;
using Muster.Requests;
using Muster.Runs;

namespace Muster.Batches;

/// <summary>Renders the next rows of a tier once: decides what fits, names what cannot be asked, and takes the fingerprint.</summary>
internal sealed class BatchDrafter(RunContext context)
{
    /// <summary>Rows set aside in one draft; more of them go with the next.</summary>
    private const int MaxSetAside = 10_000;

    private static ReadOnlySpan<byte> Comma => ","u8;

    private readonly IdParts ids = new(context.Job.Source.Key.Sensitive, context.Tools.KeySecret);

    /// <param name="riders">Gold rows for it; fewer where they leave no room.</param>
    public async Task<BatchDraft> DraftAsync(Lane lane, int tier, int maxRows, IReadOnlyList<GoldRider> riders, CancellationToken cancellationToken)
    {
        var packer = new BatchPacker(maxRows, context.Job.Limits.BatchBytes);
        var nonce = context.Options.Chance.Name(CustomId.NonceChars);
        ids.Begin();
        var setAside = new List<SetAside>();
        var renderer = context.Tools.Renderers[tier];
        var input = context.Tools.Prompt.NewRow();
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BatchPacker.Head);
        var (gold, goldBytes) = Pack(riders, tier, nonce, packer);
        long last = 0;
        var more = false;

        await foreach (var row in context.Store.ReadPendingAsync(context.Run.Id, tier, context.RowsOf(lane), maxRows + MaxSetAside + 1, cancellationToken))
        {
            if (setAside.Count == MaxSetAside || packer.Rows == maxRows)
            {
                more = true;
                break;
            }

            buffer.ResetWrittenCount();
            if (RequestBytes.Render(renderer, input, row, ids.Of(row, out var repeated), context.Run.Tag, nonce, buffer) is { } fault)
            {
                setAside.Add(new SetAside(row.RowId, fault.Reason, fault.Detail));
                continue;
            }

            if (buffer.WrittenCount > packer.MaxRequestBytes)
            {
                setAside.Add(new SetAside(row.RowId, Verdicts.Reasons.InputTooLarge + ".batch",
                    $"the request has {buffer.WrittenCount} bytes, more than a batch may have ({packer.MaxRequestBytes})"));
                continue;
            }

            // An id that the batch already has waits for the next one; ids are unique only within a batch.
            if (repeated || !packer.TryAdd(buffer.WrittenCount))
            {
                more = true;
                break;
            }

            if (packer.Rows - gold.Count > 1)
                hash.AppendData(Comma);
            hash.AppendData(buffer.WrittenSpan);
            ids.Keep(row);
            last = row.RowId;
        }

        // New gold rows come with rows of the run, or not at all.
        if (packer.Rows == gold.Count && gold.Exists(rider => rider.IsNew))
            return await DraftAsync(lane, tier, maxRows, [.. riders.Where(rider => !rider.IsNew)], cancellationToken);
        if (packer.Rows > gold.Count && gold.Count > 0)
            hash.AppendData(Comma);
        hash.AppendData(goldBytes.WrittenSpan);
        hash.AppendData(BatchPacker.Tail.Span);
        return new BatchDraft(nonce, packer.Rows, last, packer.Bytes, Convert.ToHexStringLower(hash.GetHashAndReset()), ids.Hashed,
            setAside, more) { Gold = gold };
    }

    /// <summary>Gold rows are few and go last, in the order of their numbers; their bytes are held until the rows before them are known.</summary>
    private (List<GoldRider> Gold, ArrayBufferWriter<byte> Bytes) Pack(IReadOnlyList<GoldRider> riders, int tier, string nonce, BatchPacker packer)
    {
        var gold = new List<GoldRider>();
        var bytes = new ArrayBufferWriter<byte>();
        var one = new ArrayBufferWriter<byte>();
        var input = context.Tools.Prompt.NewRow();
        foreach (var rider in riders.OrderBy(rider => rider.Row.RowId))
        {
            one.ResetWrittenCount();
            var part = ids.Of(rider.Row, out var repeated);
            if (repeated || RequestBytes.Render(context.Tools.Renderers[tier], input, rider.Row, part, context.Run.Tag, nonce, one) is not null
                || !packer.TryAdd(one.WrittenCount))
                continue;
            if (gold.Count > 0)
                bytes.Write(Comma);
            bytes.Write(one.WrittenSpan);
            ids.Keep(rider.Row);
            gold.Add(rider);
        }

        return (gold, bytes);
    }
}
