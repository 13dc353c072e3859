using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Muster.Contracts;

/// <summary>
/// Writes values so that two of them are equal in JSON Schema's sense exactly when their bytes are: numbers by value, strings by
/// content, objects without regard to order. Each value says its own length, so no two different values share a spelling.
/// </summary>
internal struct CanonicalJson
{
    private byte[] _buffer;
    private int _length;

    public readonly int Length => _length;

    public readonly ReadOnlySpan<byte> this[int start, int end] => _buffer.AsSpan(start, end - start);

    public void Clear() => _length = 0;

    public static byte[] Of(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        reader.Read();
        var canonical = new CanonicalJson();
        canonical.Append(ref reader);
        var bytes = canonical[0, canonical.Length].ToArray();
        canonical.Return();
        return bytes;
    }

    /// <summary>Appends the value that the reader stands on and leaves it on the value's last token.</summary>
    public void Append(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                AppendObject(ref reader);
                break;
            case JsonTokenType.StartArray:
                Put((byte)'[');
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Append(ref reader);
                }

                Put((byte)']');
                break;
            case JsonTokenType.Number:
                AppendNumber(reader.ValueSpan);
                break;
            case JsonTokenType.String or JsonTokenType.PropertyName:
                AppendString(reader.ValueSpan, reader.ValueIsEscaped);
                break;
            case JsonTokenType.True:
                Put((byte)'t');
                break;
            case JsonTokenType.False:
                Put((byte)'f');
                break;
            default:
                Put((byte)'z');
                break;
        }
    }

    public void Return()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _length = 0;
    }

    private void AppendObject(ref Utf8JsonReader reader)
    {
        Put((byte)'{');
        var from = _length;
        var starts = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            starts.Add(_length);
            AppendString(reader.ValueSpan, reader.ValueIsEscaped);
            reader.Read();
            Append(ref reader);
        }

        Sort(from, starts);
        Put((byte)'}');
    }

    private readonly void Sort(int from, List<int> starts)
    {
        if (starts.Count < 2)
        {
            return;
        }

        var members = new byte[starts.Count][];
        for (var i = 0; i < members.Length; i++)
        {
            members[i] = this[starts[i], i + 1 < members.Length ? starts[i + 1] : _length].ToArray();
        }

        Array.Sort(members, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        foreach (var member in members)
        {
            member.CopyTo(_buffer, from);
            from += member.Length;
        }
    }

    private void AppendString(ReadOnlySpan<byte> content, bool isEscaped)
    {
        Put((byte)'s');
        Reserve(content.Length + sizeof(int));
        var lengthAt = _length;
        _length += sizeof(int);
        var written = content.Length;
        if (isEscaped)
        {
            written = JsonText.Unescape(content, _buffer.AsSpan(_length));
        }
        else
        {
            content.CopyTo(_buffer.AsSpan(_length));
        }

        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(lengthAt), written);
        _length += written;
    }

    private void AppendNumber(ReadOnlySpan<byte> token)
    {
        Put((byte)'n');
        var number = new JsonNumber(token);
        Reserve(number.MaxBytes + 1);
        _length += number.WriteTo(_buffer.AsSpan(_length));
        Put((byte)';');
    }

    private void Put(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    private void Reserve(int bytes)
    {
        _buffer ??= [];
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, checked((_length + bytes) * 2)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
