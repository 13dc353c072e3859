using System.Buffers;
using Muster.Requests;
using Muster.Sources;

namespace Muster.Batches;

/// <summary>One row's request as bytes; the same row, nonce and attempt give the same bytes in the draft and in the upload.</summary>
internal static class RequestBytes
{
    /// <returns>Why the row cannot be asked, or null when its request was appended.</returns>
    public static SourceFault? Render(
        RequestRenderer renderer, RowInput input, AskRow row, string? idPart, string run, string nonce, IBufferWriter<byte> to)
    {
        if (input.Read(row.Input) is { } unreadable)
            return unreadable;
        Span<byte> id = stackalloc byte[CustomId.MaxChars];
        var length = CustomId.Write(id, row.Key, idPart, run, nonce, row.Attempt);
        return renderer.Render(id[..length], input, Of(row), to).Fault;
    }

    /// <summary>The value of <c>params</c> of a rendered request.</summary>
    public static ReadOnlySpan<byte> Params(ReadOnlySpan<byte> request)
    {
        // An id has no quotation mark.
        var before = ",\"params\":"u8;
        return request[(request.IndexOf(before) + before.Length)..^1];
    }

    private static RequestVariant Of(AskRow row) => row.Variant switch
    {
        VariantKind.LargerCap => RequestVariant.LargerCap,
        VariantKind.Reask => RequestVariant.Reask(row.Message ?? ""),
        _ => RequestVariant.Same,
    };
}
