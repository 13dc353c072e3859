using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Muster.Contracts;

/// <summary>
/// JSON Schema writes patterns in ECMA-262 with code points; .NET's engine differs in spelling and reads UTF-16. This rewrites one into
/// the other and refuses, with <see cref="NotSupportedException"/>, what it cannot rewrite exactly or what needs backtracking.
/// </summary>
internal sealed partial class EcmaPattern
{
    private const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";
    private const string LineEnds = @"\n\r\u2028\u2029";
    private const string Spaces = @"\t\n\v\f\r\u0020\u00A0\uFEFF\u2028\u2029\p{Zs}";
    private const string Words = "A-Za-z0-9_";

    private readonly string _source;
    private readonly StringBuilder _target = new();
    private int _at;

    private EcmaPattern(string source) => _source = source;

    public static Regex Compile(string source) =>
        new(new EcmaPattern(source).Rewrite(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private string Rewrite()
    {
        while (_at < _source.Length)
        {
            var c = _source[_at++];
            switch (c)
            {
                case '\\':
                    Escape();
                    break;
                case '[':
                    Class();
                    break;
                case '(':
                    Group();
                    break;
                case '.':
                    _target.Append($"(?:{Pair}|[^{LineEnds}\\uD800-\\uDFFF])");
                    break;
                case '$':
                    _target.Append(@"\z");
                    break;
                case '{' when QuantifierEnd() is var end && end > 0:
                    _target.Append(_source, _at - 1, end + 2 - _at);
                    _at = end + 1;
                    break;
                case '^' or '|' or ')' or '*' or '+' or '?':
                    _target.Append(c);
                    break;
                default:
                    Literal(char.IsHighSurrogate(c) && _at < _source.Length ? char.ConvertToUtf32(c, _source[_at++]) : c);
                    break;
            }
        }

        return _target.ToString();
    }

    /// <returns>Where the quantifier that begins here ends, or -1 for a plain brace.</returns>
    private int QuantifierEnd()
    {
        var end = _source.IndexOf('}', _at);
        return end > _at && char.IsAsciiDigit(_source[_at]) && _source.AsSpan(_at, end - _at).IndexOfAnyExcept("0123456789,") < 0 ? end : -1;
    }

    private void Group()
    {
        if (_at >= _source.Length || _source[_at] != '?')
        {
            _target.Append("(?:");
            return;
        }

        if (_source.AsSpan(_at).StartsWith("?:"))
        {
            _at += 2;
            _target.Append("(?:");
            return;
        }

        var end = _source.IndexOf('>', _at);
        if (!_source.AsSpan(_at).StartsWith("?<") || end < 0 || _source.AsSpan(_at).StartsWith("?<=") || _source.AsSpan(_at).StartsWith("?<!"))
        {
            throw new NotSupportedException($"the group ({_source[_at..Math.Min(_source.Length, _at + 3)]} is not supported.");
        }

        _at = end + 1;
        _target.Append("(?:");
    }

    private void Escape()
    {
        if (_at >= _source.Length)
        {
            throw new NotSupportedException("it ends in a lone backslash.");
        }

        var c = _source[_at];
        switch (c)
        {
            case 'd' or 'w' or 's' or 'D' or 'W' or 'S' or 'p' or 'P':
                var set = Shorthand(out var isNegated);
                _target.Append(isNegated ? Outside(set) : $"[{set}]");
                break;
            case 'b' or 'B':
                throw new NotSupportedException($"\\{c} is not supported.");
            default:
                Literal(Escaped());
                break;
        }
    }

    /// <summary>The set that <c>\d</c>, <c>\w</c>, <c>\s</c> or <c>\p{…}</c> names, and whether it was written as its opposite.</summary>
    private string Shorthand(out bool isNegated)
    {
        var c = _source[_at++];
        isNegated = char.IsAsciiLetterUpper(c);
        return char.ToLowerInvariant(c) switch
        {
            'd' => "0-9",
            'w' => Words,
            's' => Spaces,
            _ => Category(),
        };
    }

    private string Category()
    {
        var end = _source.IndexOf('}', _at);
        if (_at >= _source.Length || _source[_at] != '{' || end < 0)
        {
            throw new NotSupportedException("\\p needs a category in braces.");
        }

        var name = _source[(_at + 1)..end];
        _at = end + 1;
        name = name.StartsWith("gc=") ? name[3..] : name.StartsWith("General_Category=") ? name["General_Category=".Length..] : name;
        return Categories.TryGetValue(name, out var known) ? $"\\p{{{known}}}"
            : Categories.ContainsValue(name) ? $"\\p{{{name}}}"
            : throw new NotSupportedException($"the category \\p{{{Excerpt.Of(name)}}} is not supported.");
    }

    private int Escaped()
    {
        var c = _source[_at++];
        switch (c)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'v':
                return '\v';
            case 'f':
                return '\f';
            case 'r':
                return '\r';
            case '0' when _at >= _source.Length || !char.IsAsciiDigit(_source[_at]):
                return 0;
            case 'x':
                return Hex(2);
            case 'c' when _at < _source.Length && char.IsAsciiLetter(_source[_at]):
                return _source[_at++] & 31;
            case 'u':
                return UnicodeEscape();
            default:
                return char.IsAsciiLetterOrDigit(c) ? throw new NotSupportedException($"\\{c} is not supported.")
                    : char.IsHighSurrogate(c) && _at < _source.Length ? char.ConvertToUtf32(c, _source[_at++]) : c;
        }
    }

    private int UnicodeEscape()
    {
        if (_at < _source.Length && _source[_at] == '{')
        {
            var end = _source.IndexOf('}', _at);
            var digits = end < 0 ? "" : _source[(_at + 1)..end];
            _at = end + 1;
            return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 0x10FFFF
                ? value
                : throw new NotSupportedException("\\u{…} needs a code point.");
        }

        var high = Hex(4);
        if (high is >= 0xD800 and <= 0xDBFF && _source.AsSpan(_at).StartsWith("\\u") && _source.AsSpan(_at).StartsWith("\\u{") is false)
        {
            _at += 2;
            return char.ConvertToUtf32((char)high, (char)Hex(4));
        }

        return high;
    }

    private int Hex(int digits)
    {
        if (_at + digits <= _source.Length
            && int.TryParse(_source.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            _at += digits;
            return value;
        }

        throw new NotSupportedException($"an escape needs {digits} hexadecimal digits.");
    }

    private void Literal(int value) => _target.Append(value > 0xFFFF ? $"(?:{Units(value)})" : Unit(value));

    private static string Units(int value)
    {
        var text = char.ConvertFromUtf32(value);
        return Unit(text[0]) + Unit(text[1]);
    }

    private static string Unit(int value) => $"\\u{value:X4}";

    /// <summary>Every code point outside a set of characters of the basic plane.</summary>
    private static string Outside(string set) => $"(?:{Pair}|[^{set}\\uD800-\\uDFFF])";
}
