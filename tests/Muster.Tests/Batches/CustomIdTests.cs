using System.Text;
using Muster.Batches;
using Muster.Requests;

namespace Muster.Tests.Batches;

public sealed class CustomIdTests
{
    private const string Allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

    private static string Write(string key, string? part = null, string run = "RVN123", string nonce = "N0NCE123", int attempt = 1)
    {
        var bytes = new byte[CustomId.MaxChars];
        return Encoding.ASCII.GetString(bytes, 0, CustomId.Write(bytes, key, part, run, nonce, attempt));
    }

    private static AskRow Row(string key) => new(1, key, 1, VariantKind.Same, null, default, null);

    [Theory]
    [InlineData("a")]
    [InlineData("-")]
    [InlineData("p-1-R")]
    [InlineData("AbC_09")]
    public void A_readable_key_comes_back(string key)
    {
        foreach (var attempt in new[] { 1, 31, 32, 1023 })
            CustomId.Parse(Write(key, attempt: attempt)).ShouldBe(new ParsedId(key, false, "RVN123", "N0NCE123", attempt));
    }

    [Fact]
    public void The_longest_readable_key_fills_the_id_and_a_longer_one_is_hashed()
    {
        var longest = new string('k', 43);
        CustomId.IsReadable(longest).ShouldBeTrue();
        Write(longest).Length.ShouldBe(64);
        CustomId.Parse(Write(longest))!.Part.ShouldBe(longest);

        foreach (var key in new[] { longest + "k", "", "a b", "ü", "a.b", "a\u0000" })
        {
            CustomId.IsReadable(key).ShouldBeFalse();
            var part = CustomId.HashedPart(key, []);
            var id = Write(key, part);
            id.Length.ShouldBe(47);
            id.ShouldAllBe(c => Allowed.Contains(c));
            CustomId.Parse(id).ShouldBe(new ParsedId(part, true, "RVN123", "N0NCE123", 1));
        }

        Should.Throw<ArgumentOutOfRangeException>(() => Write("k", attempt: 1024));
    }

    [Fact]
    public void A_sensitive_key_depends_on_the_secret()
    {
        byte[] one = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        CustomId.HashedPart("123-45-6789", one).ShouldNotBe(CustomId.HashedPart("123-45-6789", []));
        CustomId.HashedPart("123-45-6789", one).ShouldBe(CustomId.HashedPart("123-45-6789", one));
    }

    [Theory]
    [InlineData("")]
    [InlineData("theirs-1")]
    [InlineData("request-00000000000000000000")]
    [InlineData("a-R00000000000000000000")]
    [InlineData("日本語-RVN123N0NCE12301ABC")]
    public void A_foreign_id_is_refused(string id) => CustomId.Parse(id).ShouldBeNull();

    [Fact]
    public void Of_changes_of_one_character_at_most_one_in_thousands_passes_the_check()
    {
        int changed = 0, passed = 0;
        foreach (var key in new[] { "p-00001", "x", new string('q', 43), "order_77" })
        {
            var id = Write(key);
            for (var at = 0; at < id.Length; at++)
            {
                foreach (var c in Allowed.Where(c => c != id[at]))
                {
                    changed++;
                    passed += CustomId.Parse(id[..at] + c + id[(at + 1)..]) is null ? 0 : 1;
                }
            }
        }

        changed.ShouldBeGreaterThan(8_000);
        passed.ShouldBeLessThan(5);
    }

    [Fact]
    public void Keys_that_differ_only_by_case_do_not_both_stay_readable()
    {
        var ids = new IdParts(sensitive: false, []);
        var parts = new List<string?>();
        foreach (var key in new[] { "abc", "ABC", "Abc", "abd" })
        {
            parts.Add(ids.Of(Row(key), out var repeated));
            repeated.ShouldBeFalse();
            ids.Keep(Row(key));
        }

        parts[0].ShouldBeNull();
        parts[3].ShouldBeNull();
        parts[1].ShouldBe(CustomId.HashedPart("ABC", []));
        ids.Hashed.Count.ShouldBe(2);
    }

    [Fact]
    public void A_key_that_looks_like_anothers_hash_waits_for_the_next_batch()
    {
        var ids = new IdParts(sensitive: false, []);
        var hash = CustomId.HashedPart("a b", []);
        ids.Of(Row(hash), out _).ShouldBeNull();
        ids.Keep(Row(hash));

        ids.Of(Row("a b"), out var repeated);

        repeated.ShouldBeTrue();
    }
}
