using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Muster.Simulator.Wire;

/// <summary>Reads request bodies; every read is bounded by a limit that the caller names.</summary>
internal static class BodyReader
{
    private const int Block = 64 * 1024;

    /// <summary>Reads and drops the body: a reply to an unread upload would reach the client as a reset.</summary>
    public static async Task DrainAsync(HttpContext http, long limit)
    {
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (long total = 0; total <= limit;)
            {
                var got = await http.Request.Body.ReadAsync(block, http.RequestAborted);
                if (got == 0)
                {
                    return;
                }

                total += got;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The whole body, or null when it is longer than <paramref name="limit"/>.</summary>
    public static async Task<byte[]?> ReadAllAsync(HttpContext http, long limit)
    {
        using var body = new MemoryStream();
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            while (true)
            {
                var got = await http.Request.Body.ReadAsync(block, http.RequestAborted);
                if (got == 0)
                {
                    return body.ToArray();
                }

                if (body.Length + got > limit)
                {
                    return null;
                }

                body.Write(block, 0, got);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
