using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Muster.Contracts;

internal ref partial struct ContractRun
{
    private bool CheckString(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        if (node.Enum is null && node.Const is null && node.Strings is null)
        {
            return true;
        }

        var content = Content(ref reader);
        if (!Charge(content.Length, ref reader))
        {
            return false;
        }

        if (node.Const is not null && node.Const.Strings.Find(content) < 0)
        {
            return FailConst(node.Const, ref reader);
        }

        if (node.Enum is not null && node.Enum.Strings.Find(content) < 0)
        {
            return FailEnum(node.Enum, ref reader);
        }

        return node.Strings is null || CheckText(node.Strings, content, ref reader);
    }

    private bool CheckText(StringRules rules, scoped ReadOnlySpan<byte> content, scoped ref Utf8JsonReader reader)
    {
        // A code point takes one to four bytes, so most strings need no counting.
        if (content.Length > rules.MaxLength && JsonText.CodePoints(content) is var length && length > rules.MaxLength)
        {
            return Note("maxLength", ref reader) && Record(ContractResultKind.Schema, "maxLength",
                $"must have at most {Count(rules.MaxLength, "character")}, but has {length}", $": {Found(ref reader)[", but is ".Length..]}");
        }

        if (content.Length < (long)rules.MinLength * 4 && JsonText.CodePoints(content) is var count && count < rules.MinLength)
        {
            return Note("minLength", ref reader) && Record(ContractResultKind.Schema, "minLength",
                $"must have at least {Count(rules.MinLength, "character")}, but has {count}", $": {Found(ref reader)[", but is ".Length..]}");
        }

        if (rules.Pattern is null || Matches(rules.Pattern, content))
        {
            return true;
        }

        return Note("pattern", ref reader) && Record(ContractResultKind.Schema, "pattern",
            $"must match the pattern {Excerpt.Of(rules.Pattern.Source)}", Found(ref reader));
    }

    private static bool Matches(SchemaPattern pattern, scoped ReadOnlySpan<byte> content)
    {
        // Bytes are never fewer than UTF-16 characters.
        var rented = content.Length > 512 ? ArrayPool<char>.Shared.Rent(content.Length) : null;
        var chars = rented ?? stackalloc char[512];
        var written = Encoding.UTF8.GetChars(content, chars);
        var isMatch = pattern.Regex.IsMatch(chars[..written]);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return isMatch;
    }

    private bool CheckNumber(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        if (!node.Allows(JsonTypes.Number)
            && (!node.Allows(JsonTypes.Integer) || (!IsPlainInteger(ref reader) && !new JsonNumber(reader.ValueSpan).IsInteger)))
        {
            return FailType(node, ref reader);
        }

        if (!Charge(reader.ValueSpan.Length, ref reader) || ((node.Enum is not null || node.Const is not null) && !CheckListed(node, ref reader)))
        {
            return false;
        }

        return node.Numbers is null || CheckRange(node.Numbers, ref reader);
    }

    private static bool IsPlainInteger(scoped ref Utf8JsonReader reader) => !reader.ValueSpan.ContainsAny("eE."u8);

    private bool CheckRange(NumberRules rules, scoped ref Utf8JsonReader reader)
    {
        if (rules.Minimum is not null && Compare(ref reader, rules.Minimum) < 0)
        {
            return FailLimit("minimum", "must be at least", rules.Minimum.Token, ref reader);
        }

        if (rules.Maximum is not null && Compare(ref reader, rules.Maximum) > 0)
        {
            return FailLimit("maximum", "must be at most", rules.Maximum.Token, ref reader);
        }

        if (rules.ExclusiveMinimum is not null && Compare(ref reader, rules.ExclusiveMinimum) <= 0)
        {
            return FailLimit("exclusiveMinimum", "must be more than", rules.ExclusiveMinimum.Token, ref reader);
        }

        if (rules.ExclusiveMaximum is not null && Compare(ref reader, rules.ExclusiveMaximum) >= 0)
        {
            return FailLimit("exclusiveMaximum", "must be less than", rules.ExclusiveMaximum.Token, ref reader);
        }

        var divisor = rules.MultipleOf;
        return divisor is null || new JsonNumber(reader.ValueSpan).IsMultipleOf(divisor.Mantissa, divisor.Exponent)
            || FailLimit("multipleOf", "must be a multiple of", divisor.Token, ref reader);
    }

    private static int Compare(scoped ref Utf8JsonReader reader, NumberLimit limit) =>
        limit.Small is { } small && reader.TryGetInt64(out var value)
            ? value.CompareTo(small)
            : new JsonNumber(reader.ValueSpan).Against(new JsonNumber(limit.Token));

    private bool FailLimit(string keyword, string must, byte[] limit, scoped ref Utf8JsonReader reader) =>
        Note(keyword, ref reader) && Record(ContractResultKind.Schema, keyword, $"{must} {Excerpt.Of(limit)}", Found(ref reader));

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
