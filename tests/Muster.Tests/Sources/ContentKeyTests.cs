using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class ContentKeyTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    // Worked out apart, in Python with hashlib: the framing and the alphabet are a contract with stored keys.
    [Theory]
    [InlineData("{\"a\":\"hello\"}", "a", "KG0NNGCBPW283X37QCFTVD7SWV")]
    [InlineData("{\"a\":\"ab\",\"b\":\"c\"}", "a,b", "YA9SZ41G2VJVPADHWJK1SPYKER")]
    [InlineData("{\"b\":\"bc\",\"a\":\"a\"}", "a,b", "PMTCW5NCKJ5KD0HZ76HSBKME1R")]
    [InlineData("{\"a\":\"Цена\",\"b\":null}", "a,b", "01KKF553XEASPXR4BG7GGF98NP")]
    [InlineData("{\"a\":\"\\u0426ена\",\"b\":\"\"}", "a,b", "WAQXS8NYD8QFMVTC0PHFT06R0H")]
    public async Task Keys_are_those_of_the_test_vector(string record, string columns, string key)
    {
        var spec = new SourceSpec(SourceFormat.Jsonl, [folder.Write("a.jsonl", record)], ContentKey(columns.Split(',')));

        (await ReadAsync(spec)).Select(row => row.Key).ShouldBe([key]);
    }

    [Fact]
    public async Task A_key_is_the_same_in_every_format_and_column_order()
    {
        var csv = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", "x,b,a\n1,bc,a\n")], ContentKey("a", "b"));

        (await ReadAsync(csv)).Select(row => row.Key).ShouldBe(["PMTCW5NCKJ5KD0HZ76HSBKME1R"]);
    }

    [Fact]
    public async Task No_content_is_no_key_and_a_broken_column_spoils_it_only_when_it_is_part()
    {
        byte[] text = [.. "a,b,c\n,,x\n1,2,"u8, 0xFF, .. "\n1,"u8, 0xFF, .. ",x\n,2,x\n"u8];
        var rows = await ReadAsync(new(SourceFormat.Csv, [folder.Write("a.csv", text)], ContentKey("a", "b")));

        rows.Select(row => row.Fault?.Reason).ShouldBe(["REQ.BAD_RECORD.empty_key", "REQ.BAD_RECORD.bytes", "REQ.BAD_RECORD.bytes", null]);
        rows.Select(row => row.Key is null).ShouldBe([true, false, true, false]);
    }

    [Fact]
    public void The_source_hash_is_the_first_half_of_SHA256() =>
        Convert.ToHexStringLower(SourceRow.SourceHash("""["a"]"""u8)).ShouldBe("0eb5b8d6f81bc677da8a08567cc4fa9a");
}
