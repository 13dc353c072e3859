using System.Text;

namespace Muster.Claude;

/// <summary>
/// Tokens of a text, estimated from its script without a tokenizer. The factors are rules of thumb, on the high side so that a
/// budget is not overrun; a count by the API over a sample of rows replaces them.
/// </summary>
internal static class TokenEstimate
{
    // Tokens per character. English prose runs at about 3.8 characters to a token, digits and punctuation at 2 to 3.
    private const double AsciiLetter = 0.26;
    private const double AsciiOther = 0.42;

    // Latin with accents, Greek, Cyrillic, Hebrew, Arabic: two-byte scripts, about 2.2 characters to a token.
    private const double TwoByte = 0.45;

    // Chinese, Japanese, Korean, Indic and Thai: about one token to a character.
    private const double ThreeByte = 1.1;

    // Emoji and rare scripts fall apart into bytes.
    private const double Astral = 2.5;

    /// <summary>Models 4.7 and later make about 30 % more tokens of the same text.</summary>
    private const double NewTokenizer = 1.3;

    /// <summary>Estimated tokens, rounded up.</summary>
    /// <param name="utf8">The text. Bytes that are not UTF-8 count as rare characters.</param>
    /// <param name="model">Decides the tokenizer; null takes the newer, larger count.</param>
    public static long OfText(ReadOnlySpan<byte> utf8, ModelFacts? model)
    {
        double tokens = 0;
        while (utf8.Length > 0)
        {
            _ = Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            tokens += length switch
            {
                1 when char.IsAsciiLetter((char)rune.Value) || rune.Value == ' ' => AsciiLetter,
                1 when rune.IsAscii => AsciiOther,
                2 => TwoByte,
                3 => ThreeByte,
                _ => Astral,
            };
            utf8 = utf8[length..];
        }

        return (long)Math.Ceiling(tokens * (model?.HasNewTokenizer ?? true ? NewTokenizer : 1));
    }
}
