using System.Text.Json;

namespace Muster.Results;

/// <summary>The usage of one succeeded request, as returned. Input excludes cached tokens.</summary>
public readonly record struct TokenCounts(long Input, long Output, long CacheWrite5m, long CacheWrite1h, long CacheRead, long Thinking, long WebSearches, bool InUs)
{
    /// <summary>No request has a billion tokens; a number beyond is damage, and sums of it must not overflow.</summary>
    private const long MaxTokens = 1_000_000_000;

    internal static TokenCounts Read(ref Utf8JsonReader reader)
    {
        long input = 0, output = 0, write5m = 0, write1h = 0, writes = 0, read = 0, thinking = 0, searches = 0;
        var inUs = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8))
                input = Number(ref reader);
            else if (reader.ValueTextEquals("output_tokens"u8))
                output = Number(ref reader);
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8))
                writes = Number(ref reader);
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8))
                read = Number(ref reader);
            else if (reader.ValueTextEquals("cache_creation"u8))
                Nested(ref reader, "ephemeral_5m_input_tokens"u8, ref write5m, "ephemeral_1h_input_tokens"u8, ref write1h);
            else if (reader.ValueTextEquals("output_tokens_details"u8))
                Nested(ref reader, "thinking_tokens"u8, ref thinking, default, ref thinking);
            else if (reader.ValueTextEquals("server_tool_use"u8))
                Nested(ref reader, "web_search_requests"u8, ref searches, default, ref searches);
            else if (reader.ValueTextEquals("inference_geo"u8))
            {
                reader.Read();
                inUs = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("us"u8);
                reader.Skip();
            }
            else
                reader.Skip();
        }

        // Without the split by lifetime, writes are priced as 5-minute ones, which is the default lifetime.
        if (write5m + write1h == 0)
            write5m = writes;
        return new TokenCounts(input, output, write5m, write1h, read, thinking, searches, inUs);
    }

    private static void Nested(ref Utf8JsonReader reader, ReadOnlySpan<byte> first, ref long a, ReadOnlySpan<byte> second, ref long b)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(first))
                a = Number(ref reader);
            else if (!second.IsEmpty && reader.ValueTextEquals(second))
                b = Number(ref reader);
            else
                reader.Skip();
        }
    }

    private static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetInt64(out var value) && value is >= 0 and < MaxTokens ? value : 0;
        reader.Skip();
        return 0;
    }
}
