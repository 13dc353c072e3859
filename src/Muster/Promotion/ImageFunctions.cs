using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using SQLitePCL;

namespace Muster.Promotion;

/// <summary>
/// SQL functions over an <em>image</em>: the managed columns of one row as a JSON object that gives each value back exactly, with
/// its storage class. SQLite's own JSON functions do not: they refuse blobs and round reals to 15 digits.
/// </summary>
/// <remarks>
/// <c>muster_image(name, value, …)</c>, <c>muster_value(image, index)</c>, <c>muster_hash(text)</c>. What JSON lacks is an object:
/// <c>{"blob":hex}</c>, <c>{"text":hex}</c> for text that is not UTF-8, <c>{"real":"Infinity"}</c>. One instance per connection.
/// </remarks>
internal sealed class ImageFunctions
{
    internal const int HashBytes = 16;

    // SQLITE_DIRECTONLY: the functions answer our statements, never a trigger or view of the user's schema.
    private const int Flags = 0x0008_0000 | raw.SQLITE_DETERMINISTIC;
    private const int AnyArguments = -1;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;
    private byte[] _text = new byte[1024];

    private ImageFunctions() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    internal static void Register(sqlite3 database)
    {
        var functions = new ImageFunctions();
        Check(raw.sqlite3_create_function(database, "muster_image", AnyArguments, Flags, null, (c, _, a) => Guard(c, a, functions.Image)));
        Check(raw.sqlite3_create_function(database, "muster_value", 2, Flags, null, (c, _, a) => Guard(c, a, functions.Value)));
        Check(raw.sqlite3_create_function(database, "muster_hash", 1, Flags, null, (c, _, a) => Guard(c, a, Hash)));
    }

    private static void Check(int code)
    {
        if (code != raw.SQLITE_OK) throw new InvalidOperationException($"SQLite refuses a function: code {code}.");
    }

    private delegate void Body(sqlite3_context context, sqlite3_value[] arguments);

    // An exception that crosses into native code ends the process.
    private static void Guard(sqlite3_context context, sqlite3_value[] arguments, Body body)
    {
        try
        {
            body(context, arguments);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException)
        {
            raw.sqlite3_result_error(context, e.Message);
        }
    }

    private void Image(sqlite3_context context, sqlite3_value[] arguments)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            _writer.WritePropertyName(raw.sqlite3_value_blob(arguments[i]));
            Write(arguments[i + 1]);
        }

        _writer.WriteEndObject();
        _writer.Flush();
        raw.sqlite3_result_text(context, _buffer.WrittenSpan);
    }

    private void Write(sqlite3_value value)
    {
        switch (raw.sqlite3_value_type(value))
        {
            case raw.SQLITE_NULL:
                _writer.WriteNullValue();
                break;
            case raw.SQLITE_INTEGER:
                _writer.WriteNumberValue(raw.sqlite3_value_int64(value));
                break;
            case raw.SQLITE_FLOAT:
                WriteReal(raw.sqlite3_value_double(value));
                break;
            case raw.SQLITE_TEXT:
                var text = raw.sqlite3_value_blob(value);
                if (Utf8.IsValid(text)) _writer.WriteStringValue(text);
                else WriteTagged("text", Convert.ToHexStringLower(text));
                break;
            default:
                WriteTagged("blob", Convert.ToHexStringLower(raw.sqlite3_value_blob(value)));
                break;
        }
    }

    private void WriteReal(double value)
    {
        if (!double.IsFinite(value))
        {
            WriteTagged("real", value.ToString(CultureInfo.InvariantCulture));
            return;
        }

        // 1.0 stays a real: without the fraction it would come back as an integer.
        var digits = value.ToString("R", CultureInfo.InvariantCulture);
        _writer.WriteRawValue(digits.AsSpan().IndexOfAny('.', 'E') < 0 ? digits + ".0" : digits, skipInputValidation: true);
    }

    private void WriteTagged(string tag, string value)
    {
        _writer.WriteStartObject();
        _writer.WriteString(tag, value);
        _writer.WriteEndObject();
    }

    private void Value(sqlite3_context context, sqlite3_value[] arguments)
    {
        var reader = new Utf8JsonReader(raw.sqlite3_value_blob(arguments[0]));
        var index = raw.sqlite3_value_int(arguments[1]);
        reader.Read();
        reader.Read();
        for (var i = 0; i < index; i++)
        {
            reader.Read();
            reader.Skip();
            reader.Read();
        }

        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                raw.sqlite3_result_null(context);
                break;
            case JsonTokenType.Number when reader.TryGetInt64(out var whole) && reader.ValueSpan.IndexOfAny((byte)'.', (byte)'E') < 0:
                raw.sqlite3_result_int64(context, whole);
                break;
            case JsonTokenType.Number:
                raw.sqlite3_result_double(context, reader.GetDouble());
                break;
            case JsonTokenType.String:
                if (_text.Length < reader.ValueSpan.Length) _text = new byte[reader.ValueSpan.Length * 2];
                ResultText(context, _text.AsSpan(0, reader.CopyString(_text)));
                break;
            default:
                Tagged(context, ref reader);
                break;
        }
    }

    private static void Tagged(sqlite3_context context, ref Utf8JsonReader reader)
    {
        reader.Read();
        var tag = reader.GetString();
        reader.Read();
        var value = reader.GetString()!;
        if (tag == "blob") ResultBlob(context, Convert.FromHexString(value));
        else if (tag == "text") ResultText(context, Convert.FromHexString(value));
        else raw.sqlite3_result_double(context, double.Parse(value, CultureInfo.InvariantCulture));
    }

    private static void Hash(sqlite3_context context, sqlite3_value[] arguments)
    {
        if (raw.sqlite3_value_type(arguments[0]) == raw.SQLITE_NULL)
        {
            raw.sqlite3_result_null(context);
            return;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(raw.sqlite3_value_blob(arguments[0]), hash);
        raw.sqlite3_result_blob(context, hash[..HashBytes]);
    }

    // The binding turns an empty span into a null pointer, which SQLite takes as NULL.
    private static void ResultText(sqlite3_context context, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) raw.sqlite3_result_text(context, "");
        else raw.sqlite3_result_text(context, text);
    }

    private static void ResultBlob(sqlite3_context context, ReadOnlySpan<byte> blob)
    {
        if (blob.IsEmpty) raw.sqlite3_result_zeroblob(context, 0);
        else raw.sqlite3_result_blob(context, blob);
    }
}
