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
            facts.Model = reader.TokenType == JsonTokenType.String ? Inside(ref reader) : default;
            reader.Skip();
        }
        else if (reader.ValueTextEquals("max_tokens"u8))
        {
            reader.Read();
            facts.MaxTokens = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var n) ? n : null;
            reader.Skip();
        }
        else if (reader.ValueTextEquals("messages"u8))
        {
            ReadMessages(ref reader, facts);
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
                reader.Skip();
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
                or "cache_control" or "diagnostics" or "user_profile_id" or "output_format":
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

    private static void ReadMessages(ref Utf8JsonReader reader, RequestFacts facts)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        facts.HasMessages = reader.TokenType == JsonTokenType.StartArray;
        if (!facts.HasMessages)
        {
            reader.Skip();
            return;
        }

        facts.MessagesEmpty = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            facts.MessagesEmpty = false;
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMessage(ref reader, facts);
            }
            else
            {
                reader.Skip();
            }
        }

        facts.Messages = new Slice(start, (int)reader.BytesConsumed - start);
    }

    private static void ReadMessage(ref Utf8JsonReader reader, RequestFacts facts)
    {
        var fromUser = true;
        var known = facts.UserTexts.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
            {
                reader.Read();
                fromUser = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("user"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                ReadContent(ref reader, facts);
            }
            else
            {
                Value(ref reader);
            }
        }

        // Only the last user message is the row's own text; earlier turns and the assistant's are examples.
        facts.KeepUserTexts(fromUser ? known : 0, fromUser ? facts.UserTexts.Count - known : known);
    }

    private static void ReadContent(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.AddUserText(Inside(ref reader));
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadBlock(ref reader, facts);
        }
    }

    private static void ReadBlock(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (reader.CurrentDepth == depth + 1 && reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    facts.AddUserText(Inside(ref reader));
                }
            }
            else
            {
                facts.MarksMessages |= reader.ValueTextEquals("cache_control"u8);
                facts.HasUrlSource |= reader.ValueTextEquals("url"u8);
            }
        }
    }

    private static Slice Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new Slice(start, (int)reader.BytesConsumed - start);
    }

    private static Slice Inside(ref Utf8JsonReader reader) =>
        new((int)reader.TokenStartIndex + 1, (int)reader.BytesConsumed - (int)reader.TokenStartIndex - 2);
}
