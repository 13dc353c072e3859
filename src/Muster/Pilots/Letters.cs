using System.Globalization;
using System.Text;

namespace Muster.Pilots;

/// <summary>Writing systems by ranges of Unicode, as coarse as a reader of a pilot needs them.</summary>
internal enum Script : byte
{
    None, Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, SouthAsian, SoutheastAsian, Georgian, Hangul, Kana, Han, Other,
}

/// <summary>What kind of character each is, looked up.</summary>
internal static class Letters
{
    public const int Scripts = (int)Script.Other + 1;

    private const byte OddBit = 0x10;
    private const byte SpaceBit = 0x20;
    private const byte ScriptBits = 0x0F;

    private static readonly (int First, int Last, Script Script)[] Ranges =
    [
        (0x0000, 0x02B8, Script.Latin), (0x0370, 0x03FF, Script.Greek), (0x0400, 0x052F, Script.Cyrillic), (0x0530, 0x058F, Script.Armenian),
        (0x0590, 0x05FF, Script.Hebrew), (0x0600, 0x08FF, Script.Arabic), (0x0900, 0x0DFF, Script.SouthAsian),
        (0x0E00, 0x109F, Script.SoutheastAsian), (0x10A0, 0x10FF, Script.Georgian), (0x1100, 0x11FF, Script.Hangul),
        (0x1780, 0x17FF, Script.SoutheastAsian), (0x1C80, 0x1C8F, Script.Cyrillic), (0x1C90, 0x1CBF, Script.Georgian),
        (0x1D00, 0x1D25, Script.Latin), (0x1E00, 0x1EFF, Script.Latin), (0x1F00, 0x1FFF, Script.Greek), (0x2C60, 0x2C7F, Script.Latin),
        (0x2DE0, 0x2DFF, Script.Cyrillic), (0x3040, 0x30FF, Script.Kana), (0x3130, 0x318F, Script.Hangul), (0x31F0, 0x31FF, Script.Kana),
        (0x3400, 0x4DBF, Script.Han), (0x4E00, 0x9FFF, Script.Han), (0xA640, 0xA69F, Script.Cyrillic), (0xA720, 0xA7FF, Script.Latin),
        (0xAC00, 0xD7FF, Script.Hangul), (0xF900, 0xFAFF, Script.Han), (0xFB1D, 0xFB4F, Script.Hebrew), (0xFB50, 0xFDFF, Script.Arabic),
        (0xFE70, 0xFEFF, Script.Arabic), (0xFF21, 0xFF5A, Script.Latin), (0xFF66, 0xFF9F, Script.Kana), (0x20000, 0x3FFFF, Script.Han),
    ];

    private static readonly byte[] Kinds = [.. Enumerable.Range(0, 0x10000).Select(c => KindOf(c, CharUnicodeInfo.GetUnicodeCategory((char)c)))];

    /// <summary>The script of a letter; none for all else and for half of a surrogate pair.</summary>
    public static Script ScriptOf(char c) => (Script)(Kinds[c] & ScriptBits);

    public static Script ScriptOf(Rune rune) => (Script)(Kind(rune) & ScriptBits);

    /// <summary>True for what is invisible, reorders, or means that bytes were lost: not tab or line end.</summary>
    public static bool IsOdd(Rune rune) => (Kind(rune) & OddBit) != 0;

    public static bool IsSpace(char c) => (Kinds[c] & SpaceBit) != 0;

    private static byte Kind(Rune rune) => rune.IsBmp ? Kinds[rune.Value] : KindOf(rune.Value, Rune.GetUnicodeCategory(rune));

    private static byte KindOf(int value, UnicodeCategory category) => category switch
    {
        _ when value is '\t' or '\n' or '\r' => SpaceBit,
        _ when value == 0xFFFD => OddBit,
        UnicodeCategory.SpaceSeparator => SpaceBit,
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => OddBit,
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => (byte)Find(value),
        _ => 0,
    };

    private static Script Find(int value)
    {
        foreach (var range in Ranges)
        {
            if (value >= range.First && value <= range.Last)
                return range.Script;
        }

        return Script.Other;
    }
}
