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

    private static void ReadMessages(ref Utf8JsonReader reader, RequestFacts facts)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        if (!Expect(ref reader, facts, reader.TokenType == JsonTokenType.StartArray, "messages: Input should be a valid list"))
        {
            return;
        }

        facts.HasMessages = true;

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
                facts.NeedsCloseLook = true;
                reader.Skip();
            }
        }

        facts.Messages = new Slice(start, (int)reader.BytesConsumed - start);
    }

    private static void ReadMessage(ref Utf8JsonReader reader, RequestFacts facts)
    {
        var role = Role.None;
        var hasContent = false;
        var known = facts.UserTexts.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
            {
                reader.Read();
                role = reader.TokenType != JsonTokenType.String ? Role.None
                    : reader.ValueTextEquals("user"u8) ? Role.User
                    : reader.ValueTextEquals("assistant"u8) ? Role.Assistant
                    : Role.None;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                hasContent = true;
                reader.Read();
                ReadContent(ref reader, facts);
            }
            else
            {
                facts.NeedsCloseLook = true;
                Value(ref reader);
            }
        }

        facts.NeedsCloseLook |= role == Role.None || !hasContent;
        // Only the last user message is the row's own text; earlier turns and the assistant's are examples.
        var fromUser = role != Role.Assistant;
        facts.KeepUserTexts(fromUser ? known : 0, fromUser ? facts.UserTexts.Count - known : known);
    }

    private static void ReadContent(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.AddUserText(Inside(ref reader));
            facts.NeedsCloseLook |= reader.ValueSpan.IsEmpty;
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            facts.NeedsCloseLook = true;
            reader.Skip();
            return;
        }

        var blocks = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            blocks++;
            ReadBlock(ref reader, facts);
        }

        facts.NeedsCloseLook |= blocks == 0;
    }

    private static void ReadBlock(ref Utf8JsonReader reader, RequestFacts facts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            facts.NeedsCloseLook = true;
            reader.Skip();
            return;
        }

        bool hasText = false, isText = false;
        bool? oneHour = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    hasText = !reader.ValueSpan.IsEmpty;
                    facts.AddUserText(Inside(ref reader));
                }

                reader.Skip();
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                isText = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("text"u8);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("cache_control"u8))
            {
                oneHour = ReadMark(ref reader);
            }
            else
            {
                facts.NeedsCloseLook = true;
                Value(ref reader);
            }
        }

        facts.NeedsCloseLook |= !hasText || !isText;
        if (oneHour is { } lasts)
        {
            facts.MessageMarks.Add(new CacheMark((int)reader.BytesConsumed, lasts));
        }
    }

    /// <summary>Whether a cache mark keeps its prefix for an hour; null when there is none.</summary>
    private static bool? ReadMark(ref Utf8JsonReader reader)
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

    private enum Role
    {
        None,
        User,
        Assistant,
    }

    /// <summary>Notes the first value of a wrong kind, and leaves it; a right one is left to the caller, at its first token.</summary>
    private static bool Expect(ref Utf8JsonReader reader, RequestFacts facts, bool fits, string otherwise)
    {
        if (!fits)
        {
            facts.WrongKind ??= otherwise;
            reader.Skip();
        }

        return fits;
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
