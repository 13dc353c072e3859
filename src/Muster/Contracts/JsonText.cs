using System.Buffers.Text;
using System.Text;

namespace Muster.Contracts;

/// <summary>
/// The content of JSON strings. A lone surrogate escape becomes the three bytes that UTF-8 would give it, so that it stays one code
/// point, equals only itself, and nothing throws.
/// </summary>
internal static class JsonText
{
    /// <summary>Writes the content of an escaped string (never longer than its source) and returns its length.</summary>
    public static int Unescape(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var at = 0;
        while (true)
        {
            var slash = source.IndexOf((byte)'\\');
            if (slash < 0)
            {
                source.CopyTo(target[at..]);
                return at + source.Length;
            }

            source[..slash].CopyTo(target[at..]);
            at += slash;
            var kind = source[slash + 1];
            source = source[(slash + 2)..];
            if (kind != 'u')
            {
                target[at++] = Simple(kind);
                continue;
            }

            var value = Hex(source);
            source = source[4..];
            if (value is >= 0xD800 and <= 0xDBFF && source.StartsWith("\\u"u8) && Hex(source[2..]) is >= 0xDC00 and <= 0xDFFF and var low)
            {
                value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
                source = source[6..];
            }

            at += Encode(value, target[at..]);
        }
    }

    /// <summary>Counts every byte that does not continue a character.</summary>
    public static int CodePoints(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    public static string Decode(ReadOnlySpan<byte> content, bool isEscaped)
    {
        if (!isEscaped)
        {
            return Encoding.UTF8.GetString(content);
        }

        var buffer = new byte[content.Length];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, Unescape(content, buffer)));
    }

    private static byte Simple(byte kind) => kind switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'t' => (byte)'\t',
        (byte)'r' => (byte)'\r',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => kind,
    };

    private static int Hex(ReadOnlySpan<byte> digits)
    {
        // The reader has checked the four digits.
        Utf8Parser.TryParse(digits[..4], out int value, out _, 'x');
        return value;
    }

    private static int Encode(int value, Span<byte> target)
    {
        switch (value)
        {
            case < 0x80:
                target[0] = (byte)value;
                return 1;
            case < 0x800:
                target[0] = (byte)(0xC0 | (value >> 6));
                target[1] = (byte)(0x80 | (value & 0x3F));
                return 2;
            case < 0x10000:
                target[0] = (byte)(0xE0 | (value >> 12));
                target[1] = (byte)(0x80 | ((value >> 6) & 0x3F));
                target[2] = (byte)(0x80 | (value & 0x3F));
                return 3;
            default:
                target[0] = (byte)(0xF0 | (value >> 18));
                target[1] = (byte)(0x80 | ((value >> 12) & 0x3F));
                target[2] = (byte)(0x80 | ((value >> 6) & 0x3F));
                target[3] = (byte)(0x80 | (value & 0x3F));
                return 4;
        }
    }
}
