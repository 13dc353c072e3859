using System.Buffers;
using System.Text;

namespace Muster.Requests;

/// <summary>
/// Writes the inside of a JSON string. One form for each text: <c>" \</c> and control characters escaped (short escapes where JSON
/// has one), U+2028 and U+2029 escaped because line readers split on them, all else raw UTF-8, astral characters included.
/// </summary>
internal static class JsonText
{
    // 0xE2 begins U+2028 and U+2029 in UTF-8 (E2 80 A8, E2 80 A9).
    private const byte SeparatorLead = 0xE2;

    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\', SeparatorLead]);

    public static byte[] Escaped(string text)
    {
        var buffer = new RequestBuffer();
        WriteEscaped(buffer, Encoding.UTF8.GetBytes(text));
        return buffer.Written.ToArray();
    }

    /// <summary>Escapes plain UTF-8 text.</summary>
    public static void WriteEscaped(RequestBuffer to, ReadOnlySpan<byte> utf8)
    {
        int next;
        while ((next = utf8.IndexOfAny(Special)) >= 0)
        {
            to.Write(utf8[..next]);
            utf8 = utf8[next..];
            utf8 = utf8[0] == SeparatorLead ? WriteLead(to, utf8) : WriteAscii(to, utf8);
        }

        to.Write(utf8);
    }

    /// <summary>
    /// Copies the inside of a JSON string. What is escaped there stays escaped, or is written raw when this form does so; nothing is
    /// decoded in between. The text must be valid UTF-8 with paired surrogates (<see cref="HasLoneSurrogate"/>).
    /// </summary>
    public static void WriteJsonText(RequestBuffer to, ReadOnlySpan<byte> inside, bool hasEscapes)
    {
        int next;
        while ((next = hasEscapes ? inside.IndexOfAny((byte)'\\', SeparatorLead) : inside.IndexOf(SeparatorLead)) >= 0)
        {
            to.Write(inside[..next]);
            inside = inside[next..];
            inside = inside[0] == SeparatorLead ? WriteLead(to, inside) : WriteEscape(to, inside);
        }

        to.Write(inside);
    }

    /// <summary>True when an escape names half of a surrogate pair without the other half.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<byte> inside)
    {
        int next;
        while ((next = inside.IndexOf((byte)'\\')) >= 0)
        {
            inside = inside[next..];
            if (inside[1] != (byte)'u')
            {
                inside = inside[2..];
                continue;
            }

            var unit = Unit(inside);
            inside = inside[6..];
            if (char.IsSurrogate(unit))
            {
                if (!char.IsHighSurrogate(unit) || !inside.StartsWith("\\u"u8) || !char.IsLowSurrogate(Unit(inside)))
                {
                    return true;
                }

                inside = inside[6..];
            }
        }

        return false;
    }

    /// <summary>The UTF-16 unit of the <c>\uXXXX</c> that the text begins with.</summary>
    public static char Unit(ReadOnlySpan<byte> escape)
    {
        var unit = 0;
        foreach (var digit in escape.Slice(2, 4))
        {
            unit = (unit << 4) | (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return (char)unit;
    }

    private static ReadOnlySpan<byte> WriteLead(RequestBuffer to, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= 3 && utf8[1] == 0x80 && utf8[2] is (0xA8 or 0xA9))
        {
            to.Write(utf8[2] == 0xA8 ? "\\u2028"u8 : "\\u2029"u8);
            return utf8[3..];
        }

        to.Write(utf8[..1]);
        return utf8[1..];
    }

    private static ReadOnlySpan<byte> WriteAscii(RequestBuffer to, ReadOnlySpan<byte> utf8)
    {
        WriteUnit(to, (char)utf8[0]);
        return utf8[1..];
    }

    private static ReadOnlySpan<byte> WriteEscape(RequestBuffer to, ReadOnlySpan<byte> escape)
    {
        switch (escape[1])
        {
            case (byte)'/':
                to.Write("/"u8);
                return escape[2..];
            case (byte)'u':
                return WriteUnicodeEscape(to, escape);
            default:
                to.Write(escape[..2]);
                return escape[2..];
        }
    }

    private static ReadOnlySpan<byte> WriteUnicodeEscape(RequestBuffer to, ReadOnlySpan<byte> escape)
    {
        var unit = Unit(escape);
        if (!char.IsHighSurrogate(unit))
        {
            WriteUnit(to, unit);
            return escape[6..];
        }

        WriteRune(to, new Rune(unit, Unit(escape[6..])));
        return escape[12..];
    }

    private static void WriteUnit(RequestBuffer to, char unit)
    {
        switch (unit)
        {
            case '"': to.Write("\\\""u8); break;
            case '\\': to.Write("\\\\"u8); break;
            case '\b': to.Write("\\b"u8); break;
            case '\f': to.Write("\\f"u8); break;
            case '\n': to.Write("\\n"u8); break;
            case '\r': to.Write("\\r"u8); break;
            case '\t': to.Write("\\t"u8); break;
            case '\u2028': to.Write("\\u2028"u8); break;
            case '\u2029': to.Write("\\u2029"u8); break;
            case < ' ':
                to.Write("\\u00"u8);
                to.Write([(byte)('0' + (unit >> 4)), "0123456789abcdef"u8[unit & 15]]);
                break;
            default: WriteRune(to, new Rune(unit)); break;
        }
    }

    private static void WriteRune(RequestBuffer to, Rune rune) => to.Advance(rune.EncodeToUtf8(to.GetSpan(4)));
}
