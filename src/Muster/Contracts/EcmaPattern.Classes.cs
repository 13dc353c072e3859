namespace Muster.Contracts;

internal sealed partial class EcmaPattern
{
    private static readonly Dictionary<string, string> Categories = new()
    {
        ["Letter"] = "L", ["Uppercase_Letter"] = "Lu", ["Lowercase_Letter"] = "Ll", ["Titlecase_Letter"] = "Lt", ["Modifier_Letter"] = "Lm",
        ["Other_Letter"] = "Lo", ["Mark"] = "M", ["Nonspacing_Mark"] = "Mn", ["Spacing_Mark"] = "Mc", ["Enclosing_Mark"] = "Me", ["Number"] = "N",
        ["Decimal_Number"] = "Nd", ["digit"] = "Nd", ["Letter_Number"] = "Nl", ["Other_Number"] = "No", ["Punctuation"] = "P", ["punct"] = "P",
        ["Connector_Punctuation"] = "Pc", ["Dash_Punctuation"] = "Pd", ["Open_Punctuation"] = "Ps", ["Close_Punctuation"] = "Pe",
        ["Initial_Punctuation"] = "Pi", ["Final_Punctuation"] = "Pf", ["Other_Punctuation"] = "Po", ["Symbol"] = "S", ["Math_Symbol"] = "Sm",
        ["Currency_Symbol"] = "Sc", ["Modifier_Symbol"] = "Sk", ["Other_Symbol"] = "So", ["Separator"] = "Z", ["Space_Separator"] = "Zs",
        ["Line_Separator"] = "Zl", ["Paragraph_Separator"] = "Zp", ["Control"] = "Cc", ["cntrl"] = "Cc", ["Format"] = "Cf", ["Private_Use"] = "Co",
    };

    private void Class()
    {
        var isNegated = _at < _source.Length && _source[_at] == '^';
        _at += isNegated ? 1 : 0;
        var small = new List<string>();
        var large = new List<string>();
        while (true)
        {
            if (_at >= _source.Length)
            {
                throw new NotSupportedException("a class is not closed.");
            }

            if (_source[_at] == ']')
            {
                _at++;
                break;
            }

            Member(small, large, isNegated);
        }

        if (isNegated)
        {
            _target.Append(large.Count > 0 ? throw new NotSupportedException("a negated class with characters beyond U+FFFF is not supported.")
                : Outside(string.Concat(small)));
            return;
        }

        if (small.Count > 0)
        {
            large.Add($"[{string.Concat(small)}]");
        }

        // An empty class matches nothing.
        _target.Append(large.Count == 0 ? @"[^\s\S]" : large.Count == 1 ? $"(?:{large[0]})" : $"(?:{string.Join('|', large)})");
    }

    private void Member(List<string> small, List<string> large, bool isNegated)
    {
        if (_source[_at] == '\\' && _at + 1 < _source.Length && "dwsDWSpP".Contains(_source[_at + 1]))
        {
            _at++;
            var set = Shorthand(out var isOpposite);
            if (!isOpposite)
            {
                small.Add(set);
            }
            else if (isNegated)
            {
                throw new NotSupportedException("a negated class with \\D, \\W, \\S or \\P inside is not supported.");
            }
            else
            {
                large.Add(Outside(set));
            }

            return;
        }

        var from = Atom();
        var isRange = _at + 1 < _source.Length && _source[_at] == '-' && _source[_at + 1] != ']';
        if (!isRange)
        {
            Range(from, from, small, large);
            return;
        }

        _at++;
        if (_source[_at] == '\\' && _at + 1 < _source.Length && "dwsDWSpP".Contains(_source[_at + 1]))
        {
            throw new NotSupportedException("a range cannot end in a set.");
        }

        Range(from, Atom(), small, large);
    }

    private int Atom()
    {
        var c = _source[_at++];
        if (c == '\\')
        {
            if (_at < _source.Length && _source[_at] == 'b')
            {
                _at++;
                return '\b';
            }

            return _at < _source.Length ? Escaped() : throw new NotSupportedException("it ends in a lone backslash.");
        }

        return char.IsHighSurrogate(c) && _at < _source.Length ? char.ConvertToUtf32(c, _source[_at++]) : c;
    }

    private static void Range(int from, int to, List<string> small, List<string> large)
    {
        if (from > to)
        {
            throw new NotSupportedException("a range runs backwards.");
        }

        if (from <= 0xFFFF)
        {
            var end = Math.Min(to, 0xFFFF);
            small.Add(from == end ? Unit(from) : $"{Unit(from)}-{Unit(end)}");
        }

        if (to > 0xFFFF)
        {
            Pairs(char.ConvertFromUtf32(Math.Max(from, 0x10000)), char.ConvertFromUtf32(to), large);
        }
    }

    /// <summary>A range of code points beyond U+FFFF as ranges of the two halves.</summary>
    private static void Pairs(string from, string to, List<string> large)
    {
        if (from[0] == to[0])
        {
            large.Add($"{Unit(from[0])}[{Unit(from[1])}-{Unit(to[1])}]");
            return;
        }

        large.Add($"{Unit(from[0])}[{Unit(from[1])}-\\uDFFF]");
        if (from[0] + 1 < to[0])
        {
            large.Add($"[{Unit(from[0] + 1)}-{Unit(to[0] - 1)}][\\uDC00-\\uDFFF]");
        }

        large.Add($"{Unit(to[0])}[\\uDC00-{Unit(to[1])}]");
    }
}
