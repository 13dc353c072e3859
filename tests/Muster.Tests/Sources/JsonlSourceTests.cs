using System.Text;
using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class JsonlSourceTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Values_keep_their_type_in_column_order()
    {
        var path = folder.Write("a.jsonl", """
            {"id":1,"name":"Kettle","tags":["a", {"b":null}],"price":1.50}

            {"price":-2e3 , "new" : true,"id":"x"}
              {"id":3.0,"name":"\u0041\"\n\ud83d\ude00\/","tags":null,"price":0,"new":{}}
            """);
        var spec = new SourceSpec(SourceFormat.Jsonl, [path], Key("id"));
        await using var source = await Source.OpenAsync(spec);
        source.Columns.ShouldBe(["id", "name", "tags", "price", "new"]);

        var rows = await ReadAsync(spec);
        rows.Select(Json).ShouldBe(
        [
            """[1,"Kettle",["a", {"b":null}],1.50,null]""",
            """["x",null,null,-2e3,true]""",
            "[3.0,\"A\\\"\\n\U0001F600/\",null,0,{}]",
        ]);
        rows.Select(row => row.Key).ShouldBe(["1", "x", "3.0"]);
        rows.Select(row => row.Line).ShouldBe(["a.jsonl:1", "a.jsonl:3", "a.jsonl:4"]);
    }

    [Theory]
    [InlineData("[1]", "json", "not a JSON object: [1]")]
    [InlineData("17", "json", "not a JSON object: 17")]
    [InlineData("{\"id\":1", "json", "not JSON at byte 8")]
    [InlineData("{\"id\":1} {}", "json", "not JSON at byte 10")]
    [InlineData("{'id':1}", "json", "not JSON at byte 2")]
    [InlineData("{\"id\":1,\"id\":2}", "json", "the property 'id' is there twice")]
    [InlineData("{\"id\":1,\"\\u0069d\":2}", "json", "the property 'id' is there twice")]
    [InlineData("{\"id\":1,\"name\":[{\"a\":{\"b\":1,\"b\":2}}]}", "json", "the property 'b' inside 'name' is there twice")]
    [InlineData("{\"id\":1,\"name\":\"\\ud800\"}", "json", "half of a surrogate pair")]
    [InlineData("{\"id\":1,\"name\":[\"\\udc00\"]}", "json", "half of a surrogate pair")]
    [InlineData("{\"id\":1,\"\\ud800\":1}", "json", "half of a surrogate pair")]
    [InlineData("{\"id\":{},\"name\":1}", "json", "an object or array cannot be a key")]
    [InlineData("{\"id\":1,\"name\":\"a\\u0000\"}", "nul", "a NUL at byte 2")]
    [InlineData("{\"id\":1,\"name\":\"a\0\"}", "nul", "a NUL at byte 18")]
    [InlineData("{\"id\":null,\"name\":1}", "empty_key", "the key column 'id' is empty")]
    [InlineData("{\"name\":1}", "empty_key", "the key column 'id' is empty")]
    [InlineData("{\"id\":1,\"Name\":2}", "json", "the property 'Name' is in none of the first records, and the record lacks name")]
    public async Task A_line_that_cannot_be_used_is_a_fault_and_the_next_is_read(string line, string detail, string found)
    {
        var limits = Tiny with { JsonlSample = 1 };
        var rows = await folder.ReadAsync("a.jsonl", $"{{\"id\":0,\"name\":\"x\"}}\n{line}\n{{\"id\":9}}\n", limits);

        rows.Select(Told).ShouldBe(["0", $"a.jsonl:2 REQ.BAD_RECORD.{detail}", "9"]);
        rows[1].Fault!.Detail.ShouldContain(found);
        rows[1].Fault!.Detail.ShouldStartWith("");
    }

    [Fact]
    public async Task A_property_unknown_to_the_sample_is_passed_over_beside_all_columns()
    {
        var rows = await folder.ReadAsync("a.jsonl", "{\"id\":0,\"name\":\"x\"}\n{\"id\":1,\"note\":\"n\",\"name\":\"y\"}\n", Tiny with { JsonlSample = 1 });

        rows.Select(Json).ShouldBe(["""[0,"x"]""", """[1,"y"]"""]);
    }

    [Fact]
    public async Task Bytes_depth_and_size_are_faults()
    {
        var deep = $"{new string('[', 100)}{new string(']', 100)}";
        byte[] text =
        [
            .. "{\"id\":1,\"name\":\""u8, 0xFF, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes($"{{\"id\":2,\"name\":{deep}}}\n"),
            .. Encoding.UTF8.GetBytes($"{{\"id\":3,\"name\":\"{new string('x', 100_001)}\"}}\n{{\"id\":4,\"name\":[\"{new string('x', 100_001)}\"]}}\n{{\"id\":5,\"name\":0}}"),
        ];

        (await folder.ReadAsync("a.jsonl", text)).Select(Told).ShouldBe(
        [
            "a.jsonl:1 REQ.BAD_RECORD.bytes",
            "a.jsonl:2 REQ.BAD_RECORD.json",
            "a.jsonl:3 REQ.INPUT_TOO_LARGE.field",
            "a.jsonl:4 REQ.INPUT_TOO_LARGE.field",
            "5",
        ]);
    }

    [Fact]
    public async Task Columns_come_from_the_first_records_over_all_files()
    {
        var spec = new SourceSpec(SourceFormat.Jsonl, [folder.Write("a.jsonl", "{\"id\":1}\nbroken\n"), folder.Write("b.jsonl", "{\"b\":1,\"id\":2}\n{\"c\":1}")], Key("id"));

        await using (var source = await Source.OpenAsync(spec, Tiny with { JsonlSample = 3 }, CancellationToken.None))
        {
            source.Columns.ShouldBe(["id", "b"]);
        }

        (await ReadAsync(spec)).Select(Told).ShouldBe(["1", "a.jsonl:2 REQ.BAD_RECORD.json", "2", "b.jsonl:2 REQ.BAD_RECORD.empty_key"]);
        (await ReadAsync(spec, skip: 2)).Select(Told).ShouldBe(["2", "b.jsonl:2 REQ.BAD_RECORD.empty_key"]);
    }

    [Theory]
    [InlineData("[\n{\"id\":1}]", "none of its first records is a JSON object")]
    [InlineData("{}\n{}", "none of its first records is a JSON object")]
    [InlineData("\n \n", "none of its first records is a JSON object")]
    [InlineData("", "is empty")]
    [InlineData("{\"a\":1,\"b\":1,\"c\":1,\"d\":1}", "more than 3 different properties")]
    [InlineData("{\"ids\":1}", "has no key column 'id'; its columns are ids")]
    public async Task A_file_without_records_is_refused(string text, string message) =>
        (await folder.RefusalAsync("a.jsonl", text.Replace("[\n", "[", StringComparison.Ordinal), Tiny with { MaxColumns = 3 })).Message.ShouldContain(message);

    [Fact]
    public async Task A_JSON_array_gets_the_hint_that_turns_it_into_lines() =>
        (await folder.RefusalAsync("a.jsonl", "[{\"id\":1}]")).Hint.ShouldContain("jq -c '.[]'");

    [Theory]
    [InlineData("y_")]
    [InlineData("n_")]
    public async Task The_JSON_test_suite_is_accepted_and_refused_as_it_says(string kind)
    {
        var some = Shared("hostile/json-parsing/n_array_1_true_without_comma.json");
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(some)!, $"{kind}*.json"))
        {
            var text = await File.ReadAllBytesAsync(file);
            if (text.Length > 0 && !text.Contains((byte)'\n') && !text.Contains((byte)'\r'))
            {
                var rows = await folder.ReadAsync("a.jsonl", [.. "{\"id\":1}\n{\"id\":2,\"value\":"u8, .. text, .. "}\n{\"id\":3}\n"u8]);
                // A NUL escape and a repeated name are good JSON that no row may carry.
                var (fault, stricter) = (rows[1].Fault, rows[1].Fault is { } f && (f.Reason.EndsWith(".nul") || f.Detail.Contains("there twice")));
                if (rows.Count != 3 || (kind == "y_" ? fault is not null && !stricter : fault is null))
                {
                    wrong.Add($"{Path.GetFileName(file)}: {rows[1].Fault}");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }
}
