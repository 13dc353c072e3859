using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CsvHelper;
using FsCheck;
using FsCheck.Fluent;
using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class RealDataTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_catalog_is_read_whole()
    {
        var path = Shared("products/products-uhtt-20k.tsv");
        var rows = await ReadAsync(new(SourceFormat.Tsv, [path], Key("ID")), ReadLimits.Default);

        rows.Count.ShouldBe(20_000);
        rows.ShouldAllBe(row => row.Fault == null);
        rows.Select(row => row.Key).Distinct().Count().ShouldBe(20_000);
        var lines = await File.ReadAllLinesAsync(path);
        foreach (var at in new[] { 0, 9_999, 19_999 })
        {
            Texts(rows[at]).ShouldBe(lines[at + 1].Split('\t'));
            rows[at].Line.ShouldBe($"products-uhtt-20k.tsv:{at + 2}");
        }
    }

    [Fact]
    public async Task The_packed_catalog_streams_in_flat_memory()
    {
        var path = Shared("products/products-uhtt-600k.tsv.gz");
        var started = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.GetTimestamp();
        await using var source = await Source.OpenAsync(new(SourceFormat.Tsv, [path], Key("ID")));
        var (count, faults, most) = (0, 0, 0L);
        await foreach (var row in source.ReadAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            faults += row.Fault is null ? 0 : 1;
            if (++count % 100_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        var cpu = (Environment.CpuUsage.TotalTime - started).TotalSeconds;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{count} rows in {Stopwatch.GetElapsedTime(clock).TotalSeconds:f2} s, {cpu:f2} s of processor: {count / cpu:f0} rows per processor second, {most / 1e6:f1} MB live, {Environment.WorkingSet / 1e6:f0} MB working set");
        count.ShouldBe(600_000);
        faults.ShouldBe(0);
        most.ShouldBeLessThan(64_000_000);
    }

    [Fact]
    public async Task The_messages_come_as_CsvHelper_reads_them_and_their_content_keys_differ()
    {
        string[] paths = [Shared("messages/train.csv"), Shared("messages/test.csv")];
        var rows = await ReadAsync(new(SourceFormat.Csv, paths, ContentKey("text")), new ReadLimits { BufferBytes = 100 });

        rows.Count.ShouldBe(13_083);
        rows.Select(row => row.Key).Distinct().Count().ShouldBe(13_083);
        rows.Select(row => string.Join('|', Texts(row))).ShouldBe(paths.SelectMany(ByCsvHelper).Select(record => string.Join('|', record)));
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.jsonl")]
    public async Task Naughty_strings_come_back_as_they_were(string name)
    {
        var strings = JsonSerializer.Deserialize<string[]>(await File.ReadAllBytesAsync(Shared("hostile/blns.json")))!;
        var text = name == "a.csv"
            ? "id,v\n" + string.Concat(strings.Select((s, i) => $"{i},\"{s.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\r\n"))
            : string.Concat(strings.Select((s, i) => $"{{\"id\":\"{i}\",\"v\":{JsonSerializer.Serialize(s)}}}\n"));

        (await folder.ReadAsync(name, text)).Select(row => Texts(row)[1]).ShouldBe(strings);
    }

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.tsv")]
    public async Task Invalid_UTF8_is_a_fault_of_its_row_alone(string name)
    {
        var delimiter = name == "a.csv" ? ',' : '\t';
        var cases = Lines(await File.ReadAllBytesAsync(Shared("hostile/utf8tests.bin")));
        var text = cases.SelectMany((c, i) => (byte[])[.. Encoding.UTF8.GetBytes($"{i}{delimiter}"), .. c.Bytes, .. Encoding.UTF8.GetBytes($"\nafter {i}{delimiter}x\n")]);
        var rows = await folder.ReadAsync(name, [.. Encoding.UTF8.GetBytes($"id{delimiter}v\n"), .. text]);

        rows.Count.ShouldBe(2 * cases.Count);
        for (var i = 0; i < cases.Count; i++)
        {
            var expected = cases[i].Valid ? cases[i].Bytes.Contains((byte)0) ? "REQ.BAD_RECORD.nul" : null : "REQ.BAD_RECORD.bytes";
            rows[2 * i].Fault?.Reason.ShouldBe(expected, cases[i].Name);
            (rows[2 * i].Fault is null).ShouldBe(expected is null, cases[i].Name);
            rows[(2 * i) + 1].Key.ShouldBe($"after {i}");
        }

        cases.Count(c => !c.Valid).ShouldBe(145);
    }

    [Fact]
    public void Whatever_is_written_as_RFC_4180_comes_back_equal()
    {
        var field = Gen.Elements("", "a", "Ж", "😀", "\"", "\"\"", ",", "\n", "\r\n", "\r", " ", "\t", "\\", "\u0001", "\u2028", "xyz")
            .ArrayOf().Select(parts => string.Concat(parts));
        var record = field.ArrayOf(3);
        var table = record.ArrayOf();
        Prop.ForAll(table.ToArbitrary(), Gen.Choose(16, 64).ToArbitrary(), Gen.Elements("\n", "\r\n").ToArbitrary(), (records, buffer, lineEnd) =>
        {
            var text = $"id,a,b,c{lineEnd}" + string.Concat(records.Select((r, i) => $"{i},{string.Join(',', r.Select(Quoted))}{lineEnd}"));
            var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("p.csv", text)], Key("id"));
            var rows = ReadAsync(spec, new ReadLimits { BufferBytes = buffer }).GetAwaiter().GetResult();
            return rows.Count == records.Length && rows.Zip(records).All(pair => Texts(pair.First).Skip(1).SequenceEqual(pair.Second));
        }).QuickCheckThrowOnFailure();
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") >= 0 ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;

    private static IEnumerable<string[]> ByCsvHelper(string path)
    {
        using var reader = CsvReader.FromFile(path, new CsvReaderOptions { Separator = ',' });
        while (reader.Read())
        {
            yield return reader.Current.ToArray();
        }
    }

    private static List<(string Name, bool Valid, byte[] Bytes)> Lines(byte[] text)
    {
        var cases = new List<(string, bool, byte[])>();
        foreach (var range in text.AsSpan().Split((byte)'\n'))
        {
            var line = text.AsSpan(range);
            if (line.IndexOf((byte)':') is > 0 and var first)
            {
                var second = first + 1 + line[(first + 1)..].IndexOf((byte)':');
                cases.Add((Encoding.ASCII.GetString(line[..first]), line[(first + 1)..second].SequenceEqual("valid"u8), line[(second + 1)..].ToArray()));
            }
        }

        return cases;
    }
}
