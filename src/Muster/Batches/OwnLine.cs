using System.Buffers;
using System.Text.Json;
using Muster.Claude;
using Muster.Verdicts;

namespace Muster.Batches;

/// <summary>
/// A result line of a synchronous batch, in the shape the API gives those of its batches: the API's own reply inside, or, where there
/// was none, an error of a type that the API does not have.
/// </summary>
internal static class OwnLine
{
    private const string NotTaken = "not_taken";
    private const string ReplyLost = "reply_lost";

    /// <summary>What an error type of ours says; null for the API's.</summary>
    public static Cause? CauseOf(string errorType) => errorType switch
    {
        NotTaken => Cause.NotTaken,
        ReplyLost => Cause.ReplyLost,
        _ => null,
    };

    public static void Write(IBufferWriter<byte> to, ReadOnlySpan<byte> customId, MessageReply reply)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteString("custom_id"u8, customId);
        json.WriteStartObject("result"u8);
        switch (reply)
        {
            case MessageReply.Answered answered:
                json.WriteString("type"u8, "succeeded"u8);
                json.WritePropertyName("message"u8);
                json.WriteRawValue(answered.Message.Span, skipInputValidation: true);
                break;
            case MessageReply.Refused refused:
                WriteError(json, refused.Error.Type, refused.Error.Message, refused.Error);
                break;
            case MessageReply.NotTaken { Overload: { } overload }:
                WriteError(json, overload.Type, overload.Message, overload);
                break;
            case MessageReply.NotTaken none:
                WriteError(json, NotTaken, none.Why, null);
                break;
            case MessageReply.Lost lost:
                WriteError(json, ReplyLost, lost.Why, null);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter json, string type, string message, ApiError? from)
    {
        json.WriteString("type"u8, "errored"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, type);
        json.WriteString("message"u8, message);
        if (from?.Code is not null)
        {
            json.WriteStartObject("details"u8);
            json.WriteString("error_code"u8, from.Code);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (from?.RequestId is not null)
            json.WriteString("request_id"u8, from.RequestId);
        json.WriteEndObject();
    }
}
