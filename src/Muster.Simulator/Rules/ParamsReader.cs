using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>One forward pass over raw params; the shared parts (system, schema, tools) are only located, not read.</summary>
internal static class ParamsReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 1_000 };

    public static void Read(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        facts.Clear();
        var reader = new Utf8JsonReader(parameters, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader, facts);
        }
    }

    private static void ReadMember(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.ValueTextEquals("model"u8))
        {
            reader.Read();
            if (Expect(ref reader, facts, reader.TokenType == JsonTokenType.String, "model: Input should be a valid string"))
            {
                facts.Model = Inside(ref reader);
            }
        }
        else if (reader.ValueTextEquals("max_tokens"u8))
        {
            reader.Read();
            long tokens = 0;
            if (Expect(ref reader, facts, reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out tokens), "max_tokens: Input should be a valid integer"))
            {
                facts.MaxTokens = tokens;
            }
        }
        else if (reader.ValueTextEquals("messages"u8))
        {
            MessagesReader.Read(ref reader, facts);
        }
        else if (reader.ValueTextEquals("system"u8))
        {
            facts.System = Value(ref reader);
        }
        else if (reader.ValueTextEquals("output_config"u8))
        {
            facts.OutputConfig = Value(ref reader);
        }
        else
        {
            ReadRareMember(ref reader, facts);
        }
    }

    private static void ReadRareMember(ref Utf8JsonReader reader, RequestFacts facts)
    {
        var name = reader.GetString()!;
        switch (name)
        {
            case "stream":
                reader.Read();
                facts.Streams = reader.TokenType == JsonTokenType.True;
                Expect(ref reader, facts, reader.TokenType is JsonTokenType.True or JsonTokenType.False, "stream: Input should be a valid boolean");
                break;
            case "thinking":
                ReadThinking(ref reader, facts);
                break;
            case "temperature" or "top_p" or "top_k":
                facts.HasSampling = true;
                facts.SamplingName ??= name;
                Value(ref reader);
                break;
            case "tools":
                facts.Tools = Value(ref reader);
                break;
            case "cache_control":
                facts.WholeMark = ReadMark(ref reader);
                break;
            case "tool_choice":
                facts.ToolChoice = Value(ref reader);
                break;
            case "inference_geo":
                reader.Read();
                facts.Geo = reader.TokenType == JsonTokenType.String ? Inside(ref reader) : default;
                reader.Skip();
                break;
            case "speed" or "store" or "previous_thread_event_id" or "cache_hint" or "context_hint" or "fallbacks":
                facts.Unsupported ??= name;
                Value(ref reader);
                break;
            case "stop_sequences" or "metadata" or "service_tier" or "container" or "context_management" or "mcp_servers"
                or "diagnostics" or "user_profile_id" or "output_format":
                Value(ref reader);
                break;
            default:
                facts.Unknown ??= name;
                Value(ref reader);
                break;
        }
    }

    private static void ReadThinking(ref Utf8JsonReader reader, RequestFacts facts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                facts.Thinking = reader.ValueTextEquals("disabled"u8) ? ThinkingMode.Off : ThinkingMode.On;
            }

            reader.Skip();
        }
    }

    /// <summary>Whether a cache mark keeps its prefix for an hour; null when there is none.</summary>
    internal static bool? ReadMark(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var oneHour = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTtl = reader.ValueTextEquals("ttl"u8);
            reader.Read();
            oneHour |= isTtl && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1h"u8);
            reader.Skip();
        }

        return oneHour;
    }

    /// <summary>Notes the first value of a wrong kind, and leaves it; a right one is left to the caller, at its first token.</summary>
    internal static bool Expect(ref Utf8JsonReader reader, RequestFacts facts, bool fits, string otherwise)
    {
        if (!fits)
        {
            facts.WrongKind ??= otherwise;
            reader.Skip();
        }

        return fits;
    }

    internal static Slice Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new Slice(start, (int)reader.BytesConsumed - start);
    }

    internal static Slice Inside(ref Utf8JsonReader reader) =>
        new((int)reader.TokenStartIndex + 1, (int)reader.BytesConsumed - (int)reader.TokenStartIndex - 2);
}
