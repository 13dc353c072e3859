namespace Muster.Contracts;

/// <summary>
/// A JSON number as exact decimal: <c>digits × 10^Exponent</c> without leading or trailing zeros, so that 1, 1.0 and 10e-1 are the
/// same number and nothing is rounded. It views the token and owns no memory.
/// </summary>
internal readonly ref struct JsonNumber
{
    /// <summary>Exponents beyond this are equal to it: no token that fits in memory compares differently because of that.</summary>
    private const long ExponentLimit = 1_000_000_000_000_000;

    private readonly ReadOnlySpan<byte> _digits;
    private readonly int _count;

    /// <param name="token">A number in JSON syntax, already checked by the reader.</param>
    public JsonNumber(ReadOnlySpan<byte> token)
    {
        IsNegative = token[0] == '-';
        var body = IsNegative ? token[1..] : token;
        var e = body.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? body : body[..e];
        var first = mantissa.IndexOfAnyInRange((byte)'1', (byte)'9');
        if (first < 0)
        {
            IsNegative = false;
            return;
        }

        var last = mantissa.LastIndexOfAnyInRange((byte)'1', (byte)'9');
        var point = mantissa.IndexOf((byte)'.');
        if (point < 0)
        {
            point = mantissa.Length;
        }

        _digits = mantissa[first..(last + 1)];
        _count = first < point && point < last ? _digits.Length - 1 : _digits.Length;
        Exponent = (last < point ? point - last - 1 : point - last) + (e < 0 ? 0 : ParseExponent(body[(e + 1)..]));
    }

    public bool IsNegative { get; }

    /// <summary>Power of ten of the last digit that is not zero.</summary>
    public long Exponent { get; }

    public bool IsZero => _count == 0;

    public bool IsInteger => IsZero || Exponent >= 0;

    /// <summary>Upper bound of what <see cref="WriteTo"/> writes.</summary>
    public int MaxBytes => _count + 24;

    private long Magnitude => Exponent + _count;

    /// <returns>Below, at or above zero as this number is less than, equal to or more than the other.</returns>
    public int Against(JsonNumber other)
    {
        if (IsZero || other.IsZero || IsNegative != other.IsNegative)
        {
            return Sign.CompareTo(other.Sign);
        }

        var bySize = Magnitude != other.Magnitude ? Magnitude.CompareTo(other.Magnitude) : CompareDigits(_digits, other._digits);
        return IsNegative ? -bySize : bySize;
    }

    /// <summary>Whether this is a whole multiple of <paramref name="divisor"/> × 10^<paramref name="exponent"/>.</summary>
    /// <param name="divisor">Positive, not divisible by ten.</param>
    /// <param name="exponent">Power of ten.</param>
    public bool IsMultipleOf(ulong divisor, long exponent)
    {
        if (IsZero)
        {
            return true;
        }

        // This number's last digit is not zero, so it cannot be a multiple of something with a coarser last digit.
        if (Exponent < exponent)
        {
            return false;
        }

        UInt128 rest = 0;
        foreach (var b in _digits)
        {
            rest = b == '.' ? rest : ((rest * 10) + (ulong)(b - '0')) % divisor;
        }

        return rest * PowerOfTen(Exponent - exponent, divisor) % divisor == 0;
    }

    /// <summary>The mantissa when it has at most 18 digits, which a <see cref="ulong"/> holds with room for one step more.</summary>
    public ulong? Mantissa
    {
        get
        {
            if (_count > 18)
            {
                return null;
            }

            ulong value = 0;
            foreach (var b in _digits)
            {
                value = b == '.' ? value : (value * 10) + (ulong)(b - '0');
            }

            return value;
        }
    }

    /// <summary>Writes the one spelling that equal numbers share and returns its length.</summary>
    public int WriteTo(Span<byte> target)
    {
        if (IsZero)
        {
            target[0] = (byte)'0';
            return 1;
        }

        var at = 0;
        if (IsNegative)
        {
            target[at++] = (byte)'-';
        }

        foreach (var b in _digits)
        {
            if (b != '.')
            {
                target[at++] = b;
            }
        }

        target[at++] = (byte)'e';
        Exponent.TryFormat(target[at..], out var written);
        return at + written;
    }

    private int Sign => IsZero ? 0 : IsNegative ? -1 : 1;

    private static int CompareDigits(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int i = 0, j = 0;
        while (true)
        {
            i += i < left.Length && left[i] == '.' ? 1 : 0;
            j += j < right.Length && right[j] == '.' ? 1 : 0;
            if (i == left.Length || j == right.Length)
            {
                return (left.Length - i).CompareTo(right.Length - j);
            }

            if (left[i] != right[j])
            {
                return left[i].CompareTo(right[j]);
            }

            i++;
            j++;
        }
    }

    private static UInt128 PowerOfTen(long power, ulong modulus)
    {
        UInt128 result = 1 % modulus;
        UInt128 factor = 10 % modulus;
        for (; power > 0; power >>= 1)
        {
            result = (power & 1) == 1 ? result * factor % modulus : result;
            factor = factor * factor % modulus;
        }

        return result;
    }

    private static long ParseExponent(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        long value = 0;
        foreach (var b in text[0] is (byte)'-' or (byte)'+' ? text[1..] : text)
        {
            value = Math.Min(ExponentLimit, (value * 10) + (b - '0'));
        }

        return negative ? -value : value;
    }
}
