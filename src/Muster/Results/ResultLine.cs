using System.Text.Json;
using Muster.Claude;

namespace Muster.Results;

/// <summary>
/// One result line, read without a document tree. One instance reads many lines; spans are valid until the next
/// <see cref="TryRead"/>.
/// </summary>
internal sealed class ResultLine
{
    private readonly Dictionary<int, string> models = [];
    private byte[] text = new byte[4096];
    private byte[] id = new byte[64];
    private int textLength;
    private int idLength;

    public ReadOnlySpan<byte> CustomId => id.AsSpan(0, idLength);

    public ResultType Type { get; private set; }

    /// <summary>The text blocks of the message, joined, unescaped; thinking is not among them.</summary>
    public ReadOnlySpan<byte> Text => text.AsSpan(0, textLength);

    public string StopReason { get; private set; } = "";

    public string Model { get; private set; } = "";

    public TokenCounts Tokens { get; private set; }

    /// <summary>Only of an errored line.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>False when the line is not JSON, or not a result line of a known type.</summary>
    public bool TryRead(ReadOnlySpan<byte> line)
    {
        (textLength, idLength, StopReason, Model, Tokens, Error) = (0, 0, "", "", default, null);
        try
        {
            var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 64 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            var typed = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("custom_id"u8))
                    ReadId(ref reader);
                else if (reader.ValueTextEquals("result"u8))
                    typed = ReadResult(ref reader);
                else
                    reader.Skip();
            }

            return typed && idLength > 0 && reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private void ReadId(ref Utf8JsonReader reader)
    {
        reader.Read();
        // Ours are at most 64 characters; a longer one is kept long enough to be unknown.
        var length = reader.HasValueSequence ? 0 : reader.ValueSpan.Length;
        if (length > id.Length)
            id = new byte[length];
        idLength = reader.CopyString(id);
    }

    private bool ReadResult(ref Utf8JsonReader reader)
    {
        var known = false;
        if (!Enter(ref reader, JsonTokenType.StartObject))
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                known = Enter(ref reader, JsonTokenType.String) && ReadType(ref reader);
            else if (reader.ValueTextEquals("message"u8))
                ReadMessage(ref reader);
            else if (reader.ValueTextEquals("error"u8))
                ReadError(ref reader);
            else
                reader.Skip();
        }

        return known;
    }

    private bool ReadType(ref Utf8JsonReader reader)
    {
        ResultType? type = reader.ValueTextEquals("succeeded"u8) ? ResultType.Succeeded
            : reader.ValueTextEquals("errored"u8) ? ResultType.Errored
            : reader.ValueTextEquals("canceled"u8) ? ResultType.Canceled
            : reader.ValueTextEquals("expired"u8) ? ResultType.Expired
            : null;
        Type = type ?? default;
        return type is not null;
    }

    private void ReadMessage(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader, JsonTokenType.StartObject))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
                ReadContent(ref reader);
            else if (reader.ValueTextEquals("stop_reason"u8))
                StopReason = Enter(ref reader, JsonTokenType.String) ? reader.GetString()! : "";
            else if (reader.ValueTextEquals("model"u8))
                Model = Enter(ref reader, JsonTokenType.String) ? Interned(ref reader) : "";
            else if (reader.ValueTextEquals("usage"u8))
                Tokens = TokenCounts.Read(ref reader);
            else
                reader.Skip();
        }
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader, JsonTokenType.StartArray))
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            // `type` stands first on the wire, but nothing promises it.
            var isText = false;
            var before = textLength;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                    isText = Enter(ref reader, JsonTokenType.String) && reader.ValueTextEquals("text"u8);
                else if (reader.ValueTextEquals("text"u8))
                {
                    if (Enter(ref reader, JsonTokenType.String))
                        AppendText(ref reader);
                }
                else
                    reader.Skip();
            }

            if (!isText)
                textLength = before;
        }
    }

    private void AppendText(ref Utf8JsonReader reader)
    {
        var most = textLength + reader.ValueSpan.Length;
        if (most > text.Length)
            Array.Resize(ref text, Math.Max(most, text.Length * 2));
        textLength += reader.CopyString(text.AsSpan(textLength));
    }

    // The envelope is nested twice: result.error.error.type. A flat one is read too, because refusing it would lose the row.
    private void ReadError(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader, JsonTokenType.StartObject))
            return;
        using var document = JsonDocument.ParseValue(ref reader);
        Error = ApiError.Of(0, document.RootElement, null);
    }

    /// <summary>Moves to a property's value; one of another kind is passed over whole, whatever it holds.</summary>
    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        reader.Read();
        if (reader.TokenType == kind)
            return true;
        reader.Skip();
        return false;
    }

    private string Interned(ref Utf8JsonReader reader)
    {
        var hash = new HashCode();
        hash.AddBytes(reader.ValueSpan);
        var key = hash.ToHashCode();
        if (models.TryGetValue(key, out var model) && reader.ValueTextEquals(model))
            return model;
        model = reader.GetString() ?? "";
        // A remote that sends a new name with each line must not grow this for ever.
        if (models.Count < 1000)
            models[key] = model;
        return model;
    }
}
