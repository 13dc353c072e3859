using Muster.Review;

namespace Muster.Tests.Review;

public sealed class FingerprintTests
{
    [Theory]
    [InlineData("/category must be one of \"Shoes\", \"Tools\", but is \"Sneaker\".", "/category must be one of <s>, <s>, but is <s>")]
    [InlineData("/summary must have at most 119 characters, but has 131.", "/summary must have at most <n> characters, but has <n>")]
    [InlineData("/price must be at least 0, but is -1,234.5e3.", "/price must be at least <n>, but is <n>")]
    [InlineData("/at must be a date, but is 2026-11-21T10:00:00Z.", "/at must be a date, but is <date>")]
    [InlineData("request req_011CQabcdef12345 failed", "request <id> failed")]
    [InlineData("batch msgbatch_01SbzSM7su165iEGFPeXbvKZ is gone", "batch <id> is gone")]
    [InlineData("row 6f9619ff-8b86-d011-b42d-00cf4fc964ff is gone", "row <id> is gone")]
    [InlineData("hash 6bea8b10a47e differs from 0xDEADBEEF", "hash <hex> differs from <hex>")]
    [InlineData("the model's answer isn't 'yes' or `no`", "the model's answer isn't <s> or <s>")]
    [InlineData("/x must be a string, but is {\"a\":[1,2…", "/x must be a string, but is <s>")]
    [InlineData("/x must be short, but is \"never clos", "/x must be short, but is <s>")]
    [InlineData("\"a \\\" b\" and utf8", "<s> and utf8")]
    [InlineData("", "")]
    public void What_differs_from_row_to_row_is_named_by_its_kind(string message, string normalized)
    {
        Fingerprint.Normalize(message).ShouldBe(normalized);
    }

    [Fact]
    public void The_same_cause_with_other_values_is_one_issue()
    {
        var one = Fingerprint.Of("SHP.SCHEMA", "/features/0", "/features/0 must have at most 40 characters, but has 41.", "c1");

        one.ShouldBe(Fingerprint.Of("SHP.SCHEMA", "/features/4", "/features/4 must have at most 40 characters, but has 97.", "c1"));
        one.ShouldStartWith("v1:");
        one.Length.ShouldBe(15);
    }

    [Fact]
    public void Another_reason_pointer_message_or_contract_is_another_issue()
    {
        string[] prints =
        [
            Fingerprint.Of("SHP.SCHEMA", "/a", "m", "c1"), Fingerprint.Of("SHP.ENUM_UNKNOWN", "/a", "m", "c1"), Fingerprint.Of("SHP.SCHEMA", "/b", "m", "c1"),
            Fingerprint.Of("SHP.SCHEMA", "/a", "n", "c1"), Fingerprint.Of("SHP.SCHEMA", "/a", "m", "c2"), Fingerprint.Of("SHP.SCHEMA", "/am", "", "c1"),
        ];

        prints.Distinct().Count().ShouldBe(prints.Length);
    }

    [Fact]
    public void The_first_version_never_changes()
    {
        Fingerprint.Of("SHP.ENUM_UNKNOWN", "/category", "/category must be one of \"Shoes\", but is \"Sneaker\".", "c1").ShouldBe(
            "v1:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("SHP.ENUM_UNKNOWN\u001f/category\u001f/category must be one of <s>, but is <s>\u001fc1"u8))[..12]);
    }

    [Fact]
    public void A_rows_reason_carries_its_pointer()
    {
        Fingerprint.OfRow("SHP.SCHEMA./a.b/c", "m", "c1").ShouldBe(Fingerprint.Of("SHP.SCHEMA", "/a.b/c", "m", "c1"));
        Fingerprint.OfRow("SHP.SCHEMA.", "m", "c1").ShouldBe(Fingerprint.Of("SHP.SCHEMA", "", "m", "c1"));
        Fingerprint.OfRow("GEN.STOP_UNEXPECTED.empty", "m", "c1").ShouldBe(Fingerprint.Of("GEN.STOP_UNEXPECTED.empty", "", "m", "c1"));
    }

    [Fact]
    public void Twelve_hundred_rows_of_one_cause_are_one_line()
    {
        var prints = Enumerable.Range(0, 1_200).Select(i => Fingerprint.OfRow(
            "SHP.ENUM_UNKNOWN./category", $"/category must be one of \"Shoes\", \"Tools\", but is \"Sneaker {new string('x', i % 90)}{(i % 90 > 60 ? "" : "\".")}", "c1"));

        prints.Distinct().ShouldHaveSingleItem();
    }
}
