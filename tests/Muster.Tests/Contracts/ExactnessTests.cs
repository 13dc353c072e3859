using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Muster.Contracts;

namespace Muster.Tests.Contracts;

public sealed class ExactnessTests
{
    private static readonly Gen<string> Number =
        from sign in Gen.Elements("", "-")
        from whole in Gen.Choose(0, 3000)
        from fraction in Gen.Elements("", ".0", ".5", ".050", ".125", ".999999999999999999999")
        from exponent in Gen.Elements("", "e0", "E+2", "e-3", "e20", "e-20")
        select $"{sign}{whole}{fraction}{exponent}";

    [Fact]
    public void Numbers_compare_and_divide_as_exact_fractions()
    {
        Prop.ForAll(Number.Two().ToArbitrary(), pair =>
        {
            var (left, right) = pair;
            var scaled = (Left: Scaled(left), Right: Scaled(right));
            var order = new JsonNumber(Encoding.UTF8.GetBytes(left)).Against(new JsonNumber(Encoding.UTF8.GetBytes(right)));
            Math.Sign(order).ShouldBe(scaled.Left.CompareTo(scaled.Right), $"{left} against {right}");
            Canonical(left).SequenceEqual(Canonical(right)).ShouldBe(scaled.Left == scaled.Right, $"{left} and {right}");

            var divisor = new JsonNumber(Encoding.UTF8.GetBytes(right));
            if (!divisor.IsZero && !divisor.IsNegative && divisor.Mantissa is { } mantissa)
            {
                new JsonNumber(Encoding.UTF8.GetBytes(left)).IsMultipleOf(mantissa, divisor.Exponent)
                    .ShouldBe(scaled.Left % scaled.Right == 0, $"{left} over {right}");
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Unescaped_strings_are_what_the_reader_reads()
    {
        Prop.ForAll<NonNull<string>>(text =>
        {
            var value = new string([.. text.Get.Where(c => !char.IsSurrogate(c))]) + "😀\"\\";
            var json = JsonSerializer.SerializeToUtf8Bytes(value);
            JsonText.Decode(json.AsSpan(1, json.Length - 2), isEscaped: true).ShouldBe(value);
            Contract.Compile($$"""{"minLength":{{value.EnumerateRunes().Count()}},"maxLength":{{value.EnumerateRunes().Count()}}}""", "s.json")
                .Check(json).IsValid.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("^[0-9]{2,3}$", "123", "1234")]
    [InlineData("^\\d+$", "12", "\u0661")]
    [InlineData("^\\w$", "_", "ä")]
    [InlineData("^\\W$", "ä", "a")]
    [InlineData("^[^a]{2}$", "😀b", "😀")]
    [InlineData("^[\\s\\S]{2}$", "😀\n", "😀")]
    [InlineData("^[😀-😂]$", "😁", "😃")]
    [InlineData("^\\u{1F600}{2}$", "😀😀", "😀")]
    [InlineData("^\\uD83D\\uDE00$", "😀", "😁")]
    [InlineData("^\\p{Lu}\\p{Lowercase_Letter}*$", "Ähre", "ähre")]
    [InlineData("^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$", "2026-11", "2026-13")]
    [InlineData("^[a\\-z\\]]+$", "-]", "b")]
    [InlineData("^{x}$", "{x}", "x")]
    [InlineData("^a-[b-d[]+$", "a-[", "a-e")]
    [InlineData("a|b", "xbx", "x")]
    [InlineData("^.{1,120}$", "😀", "")]
    public void A_pattern_means_what_ECMAScript_means(string pattern, string match, string other)
    {
        var regex = EcmaPattern.Compile(pattern);

        regex.IsMatch(match).ShouldBeTrue();
        regex.IsMatch(other).ShouldBeFalse();
    }

    private static byte[] Canonical(string number) => CanonicalJson.Of(Encoding.UTF8.GetBytes(number));

    /// <summary>The number times 10^50, which makes every generated one whole.</summary>
    private static BigInteger Scaled(string number)
    {
        var e = number.IndexOfAny(['e', 'E']);
        var exponent = e < 0 ? 0 : int.Parse(number.AsSpan(e + 1), CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? number : number[..e];
        var point = mantissa.IndexOf('.');
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        return BigInteger.Parse(mantissa.Replace(".", ""), CultureInfo.InvariantCulture) * BigInteger.Pow(10, 50 + exponent);
    }
}
