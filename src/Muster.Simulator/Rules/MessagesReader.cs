using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>The part of the pass over params that reads turns: locates the row's own text and its cache marks, notes what is not plain text.</summary>
internal static class MessagesReader
{
    public static void Read(ref Utf8JsonReader reader, RequestFacts facts)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        if (!ParamsReader.Expect(ref reader, facts, reader.TokenType == JsonTokenType.StartArray, "messages: Input should be a valid list"))
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
                ParamsReader.Value(ref reader);
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
            facts.AddUserText(ParamsReader.Inside(ref reader));
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
                    facts.AddUserText(ParamsReader.Inside(ref reader));
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
                oneHour = ParamsReader.ReadMark(ref reader);
            }
            else
            {
                facts.NeedsCloseLook = true;
                ParamsReader.Value(ref reader);
            }
        }

        facts.NeedsCloseLook |= !hasText || !isText;
        if (oneHour is { } lasts)
        {
            facts.MessageMarks.Add(new CacheMark((int)reader.BytesConsumed, lasts));
        }
    }

    private enum Role
    {
        None,
        User,
        Assistant,
    }
}
