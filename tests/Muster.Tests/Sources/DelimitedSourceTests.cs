using System.Text;
using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class DelimitedSourceTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("id,name\n1,Kettle\n2,Mug\n")]
    [InlineData("id,name\r\n1,Kettle\r\n2,Mug\r\n")]
    [InlineData("id,name\n1,Kettle\n2,Mug")]
    [InlineData("\uFEFFid,name\n\n1,Kettle\r\n\r\n2,Mug\r")]
    [InlineData("\"id\",\"name\"\n\"1\",\"Kettle\"\n\"2\",\"Mug\"")]
    [InlineData("\"id\",\"name\"\r\n\"1\",\"Kettle\"\r\n\"2\",\"Mug\"\r\n")]
    [InlineData("\"id\",\"name\"\r\n\"1\",\"Kettle\"\r\n\"2\",\"Mug\"\r")]
    public async Task Line_ends_marks_and_quotes_do_not_change_the_rows(string text)
    {
        foreach (var bytes in Enumerable.Range(16, 24))
        {
            var rows = await folder.ReadAsync("a.csv", text, new ReadLimits { BufferBytes = bytes });
            rows.Select(Json).ShouldBe(["""["1","Kettle"]""", """["2","Mug"]"""]);
            rows.Select(Told).ShouldBe(["1", "2"]);
        }
    }

    [Fact]
    public async Task Quoted_fields_hold_commas_quotes_and_line_ends_and_lines_count_on()
    {
        var rows = await folder.ReadAsync("a.csv", "id,name\n1,\"a,\"\"b\"\"\r\nc\n\"\n2,x\"y\"\n\n3,\"\"\n");

        rows.Select(row => row.Line).ShouldBe(["a.csv:2", "a.csv:5", "a.csv:7"]);
        rows.Select(Texts).ShouldBe([["1", "a,\"b\"\r\nc\n"], ["2", "x\"y\""], ["3", ""]]);
    }

    [Fact]
    public async Task In_a_TSV_quotes_and_commas_are_text()
    {
        var rows = await folder.ReadAsync("a.tsv", "id\tname\n1\t\"19\"\" rack, open\n2\t\"\n");

        rows.Select(Texts).ShouldBe([["1", "\"19\"\" rack, open"], ["2", "\""]]);
    }

    [Fact]
    public async Task Each_fault_costs_its_own_row_and_names_its_line()
    {
        byte[] text =
        [
            .. "id,name\n1,good\n2,"u8, 0xC3, 0x28, .. "\n3\n4,a,b\n5,x\0y\n,none\n \u3000,blank\n6,\"x\"y\n7,fine\n"u8,
            .. Encoding.UTF8.GetBytes($"{new string('k', 1001)},long\n8,{new string('é', 101)}\n9,{new string('é', 100)}\n"), 0xFF, .. ",bad key\n"u8,
        ];
        var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", text)], Key("id")) { MaxFieldChars = 1002 - 1 };
        (await ReadAsync(spec with { MaxFieldChars = 100 })).Select(Told).ShouldBe(
        [
            "1",
            "a.csv:3 REQ.BAD_RECORD.bytes",
            "a.csv:4 REQ.BAD_RECORD.ragged",
            "a.csv:5 REQ.BAD_RECORD.ragged",
            "a.csv:6 REQ.BAD_RECORD.nul",
            "a.csv:7 REQ.BAD_RECORD.empty_key",
            "a.csv:8 REQ.BAD_RECORD.empty_key",
            "a.csv:9 REQ.BAD_RECORD.quote",
            "7",
            "a.csv:11 REQ.INPUT_TOO_LARGE.field",
            "a.csv:12 REQ.INPUT_TOO_LARGE.field",
            "9",
            "a.csv:14 REQ.BAD_RECORD.bytes",
        ]);

        var rows = await ReadAsync(spec);
        Told(rows[9]).ShouldBe("a.csv:11 REQ.BAD_RECORD.key_too_long");
        rows[1].Key.ShouldBe("2");
        rows[1].Input.IsEmpty.ShouldBeTrue();
        rows[1].Fault!.Detail.ShouldBe("column 'name': byte 0xC3 at byte 1 is not UTF-8, after \"\"");
        rows[2].Fault!.Detail.ShouldBe("1 fields where the header has 2: 3");
        rows[4].Fault!.Detail.ShouldBe("column 'name': a NUL at byte 2");
        rows[12].Key.ShouldBeNull();
    }

    [Fact]
    public async Task A_field_of_200000_characters_is_too_large_by_default()
    {
        var rows = await folder.ReadAsync("a.csv", $"id,name\n1,{new string('x', 200_000)}\n2,{new string('x', 100_000)}\n");

        rows.Select(Told).ShouldBe(["a.csv:2 REQ.INPUT_TOO_LARGE.field", "2"]);
        rows[0].Fault!.Detail.ShouldBe("column 'name': 200000 characters, more than 100000");
    }

    [Fact]
    public async Task An_unclosed_quote_costs_its_line_and_not_the_file()
    {
        var rows = await folder.ReadAsync("a.csv", "id,name\n1,a\n2,\"b\n3,c\n4,d\n");

        rows.Select(Told).ShouldBe(["1", "a.csv:3 REQ.BAD_RECORD.quote", "3", "4"]);
        rows[1].Fault!.Detail.ShouldStartWith("the quote that opens at a.csv:3 is not closed");
    }

    [Fact]
    public async Task A_stray_quote_that_meets_a_later_one_costs_its_line()
    {
        var rows = await folder.ReadAsync("a.csv", "id,name\n1,\"x\ny\"\n2,\"b\n3,c\n4,\"d\"\n5,\"e\"\n");

        rows.Select(Told).ShouldBe(["1", "a.csv:4 REQ.BAD_RECORD.quote", "3", "4", "5"]);
    }

    [Theory]
    [InlineData("id,name\n1,\"a\n")]
    [InlineData("id,name\n1,\"a")]
    public async Task A_quote_open_on_the_last_line_is_one_fault(string text) =>
        (await folder.ReadAsync("a.csv", text)).Select(Told).ShouldBe(["a.csv:2 REQ.BAD_RECORD.quote"]);

    [Fact]
    public async Task A_record_past_the_bound_is_set_aside_and_the_next_line_read()
    {
        var limits = new ReadLimits { BufferBytes = 16, MaxRecordBytes = 64 };
        var x = new string('x', 200);

        (await folder.ReadAsync("a.tsv", $"id\tname\n1\t{x}\n2\tb\n3\t{x}", limits)).Select(Told)
            .ShouldBe(["a.tsv:2 REQ.INPUT_TOO_LARGE.record", "2", "a.tsv:4 REQ.INPUT_TOO_LARGE.record"]);
        (await folder.ReadAsync("a.csv", $"id,name\n1,{x}\n2,\"b\n3,c\n4,{x}\n5,d\n6,\"e\"\n7,\"{x}\"\n8,f\n", limits)).Select(Told).ShouldBe(
        [
            "a.csv:2 REQ.INPUT_TOO_LARGE.record",
            "a.csv:3 REQ.BAD_RECORD.quote",
            "3",
            "a.csv:5 REQ.INPUT_TOO_LARGE.record",
            "5",
            "6",
            "a.csv:8 REQ.BAD_RECORD.quote",
            "8",
        ]);
    }

    [Fact]
    public async Task Skipping_resumes_after_that_many_rows_faults_included()
    {
        var first = folder.Write("a.csv", "id,name\n1,a\n2\n\n3,\"x\"y\n4,\"l\n\"\n");
        var second = folder.Write("b.csv", "id,name\n5,e\n6,f\n");
        var spec = new SourceSpec(SourceFormat.Csv, [first, second], Key("id"));

        var all = (await ReadAsync(spec)).ConvertAll(row => row.Line + Told(row));
        all.Count.ShouldBe(6);
        for (var skip = 0; skip <= all.Count + 1; skip++)
        {
            (await ReadAsync(spec, skip: skip)).Select(row => row.Line + Told(row)).ShouldBe(all.Skip(skip));
        }
    }

    [Fact]
    public async Task Files_of_one_name_are_told_apart_by_their_paths()
    {
        Directory.CreateDirectory(folder.PathOf("x"));
        var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", "id\n1\n"), folder.Write("x/a.csv", "id\n2\n")], Key("id"));

        (await ReadAsync(spec)).Select(row => row.Line).ShouldBe([$"{spec.Paths[0]}:2", $"{spec.Paths[1]}:2"]);
    }

    [Theory]
    [InlineData("id,nme\n", "it lacks name; it also has nme")]
    [InlineData("name,id\n", "their order is name, id")]
    [InlineData("id\n", "it lacks name")]
    public async Task Files_with_other_columns_are_refused(string second, string difference)
    {
        var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", "id,name\n1,a\n"), folder.Write("b.csv", second)], Key("id"));

        (await Should.ThrowAsync<SourceException>(() => ReadAsync(spec))).Message.ShouldContain(difference);
    }

    [Theory]
    [InlineData("id,,name,\n", "column 2, 4 of 4 has no name")]
    [InlineData("id,name,id,name\n", "more than one column id, name")]
    [InlineData("id,name\rx,y\r", "carriage return")]
    [InlineData("\n\r\n\n", "only empty lines")]
    [InlineData("\"id,name\n1,2\n", "the quote that opens")]
    [InlineData("", "is empty")]
    [InlineData("\uFEFF", "is empty")]
    public async Task A_header_that_names_no_columns_is_refused(string text, string message)
    {
        var refusal = await folder.RefusalAsync("a.csv", text);

        refusal.Message.ShouldContain(message);
        refusal.Message.ShouldStartWith(folder.PathOf("a.csv"));
        refusal.Hint.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_header_that_is_not_UTF8_is_refused() =>
        (await folder.RefusalAsync("a.csv", [.. "id,pr"u8, 0xE9, .. "nom\n1,x\n"u8])).Message.ShouldContain("byte 0xE9 at byte 6 is not UTF-8, after \"id,pr\"");

    [Theory]
    [InlineData("ID", "Did you mean 'id'?")]
    [InlineData("nmae", "Did you mean 'name'?")]
    [InlineData("completely else", "Name one of these columns as the key.")]
    public async Task A_missing_key_column_lists_what_there_is(string key, string hint)
    {
        var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", "id,name\n1,a\n")], Key(key));

        var refusal = await Should.ThrowAsync<SourceException>(() => ReadAsync(spec));
        refusal.Message.ShouldEndWith($"has no key column '{key}'; its columns are id, name.");
        refusal.Hint.ShouldBe(hint);
    }

    [Fact]
    public async Task A_key_is_one_column_and_a_source_has_files()
    {
        var path = folder.Write("a.csv", "id,name\n1,a\n");

        await Should.ThrowAsync<SourceException>(() => ReadAsync(new(SourceFormat.Csv, [path], Key("id", "name"))));
        await Should.ThrowAsync<SourceException>(() => ReadAsync(new(SourceFormat.Csv, [path], Key())));
        await Should.ThrowAsync<SourceException>(() => ReadAsync(new(SourceFormat.Csv, [path], ContentKey("id", "id"))));
        await Should.ThrowAsync<SourceException>(() => ReadAsync(new(SourceFormat.Csv, [], Key("id"))));
    }

    [Fact]
    public async Task A_header_that_changes_after_opening_is_refused()
    {
        var path = folder.Write("a.csv", "id,name\n1,a\n");
        await using var source = await Source.OpenAsync(new(SourceFormat.Csv, [path], Key("id")));
        folder.Write("a.csv", "name,id\na,1\n");

        await Should.ThrowAsync<SourceException>(async () => await source.ReadAsync().GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task A_key_keeps_its_spaces_and_control_characters_and_messages_escape_them()
    {
        var rows = await folder.ReadAsync("a.csv", $"id,name\n\" a\u0007\u202e \",x\n\"\u0007\u202e{new string('k', 1000)}\",x\n");

        rows[0].Key.ShouldBe(" a\u0007\u202e ");
        rows[1].Fault!.Detail.ShouldContain("\\u{7}\\u{202e}kkk");
    }
}
