namespace Muster.Requests;

/// <summary>Crockford's base32: digits and capitals without I, L, O, U; safe in every case-insensitive place.</summary>
internal static class Crockford
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Writes the top <paramref name="to"/>.Length × 5 bits of <paramref name="bits"/>, most significant first.</summary>
    public static void Write(ReadOnlySpan<byte> bits, Span<char> to)
    {
        int buffer = 0, held = 0, next = 0;
        for (var i = 0; i < to.Length; i++)
        {
            if (held < 5)
            {
                buffer = (buffer << 8) | bits[next++];
                held += 8;
            }

            held -= 5;
            to[i] = Alphabet[(buffer >> held) & 31];
        }
    }

    /// <summary>Writes a number right-aligned in <paramref name="to"/>.Length digits.</summary>
    public static void WriteNumber(int number, Span<char> to)
    {
        for (var i = to.Length - 1; i >= 0; i--, number >>= 5)
            to[i] = Alphabet[number & 31];
    }

    public static bool TryReadNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
                return false;
            number = (number << 5) | digit;
        }

        return true;
    }
}
