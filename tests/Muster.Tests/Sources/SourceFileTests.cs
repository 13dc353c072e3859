using System.Text;
using Muster.Jobs;
using Muster.Sources;
using static Muster.Tests.Sources.Folder;

namespace Muster.Tests.Sources;

public sealed class SourceFileTests : IDisposable
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("id,name\n" + string.Concat(Enumerable.Range(1, 400).Select(i => $"{i},name {i * 7919 % 1000}\n")));

    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Gzip_is_known_by_its_bytes_and_not_by_its_name()
    {
        var plain = (await folder.ReadAsync("a.csv", Plain)).ConvertAll(Json);
        plain.Count.ShouldBe(400);

        (await folder.ReadAsync("a.csv", Gzip(Plain))).ConvertAll(Json).ShouldBe(plain);
        var named = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv.gz", Plain)], Key("id"));
        (await ReadAsync(named)).ConvertAll(Json).ShouldBe(plain);
    }

    [Fact]
    public async Task Gzip_of_several_members_is_one_file()
    {
        var members = Gzip(Plain[..1000]).Concat(Gzip([])).Concat(Gzip(Plain[1000..])).ToArray();

        (await folder.ReadAsync("a.csv", members)).Count.ShouldBe(400);
    }

    [Fact]
    public async Task Gzip_cut_anywhere_is_refused()
    {
        var whole = Gzip(Plain);
        for (var cut = 2; cut < whole.Length; cut += 1 + (cut % 7))
        {
            (await folder.RefusalAsync("a.csv", whole[..cut])).Message.ShouldContain("cut short", customMessage: $"cut at {cut}");
        }

        (await folder.RefusalAsync("a.csv", whole[..^1])).Message.ShouldContain("cut short");
    }

    [Fact]
    public async Task Gzip_with_a_flipped_bit_or_something_after_it_is_refused()
    {
        var whole = Gzip(Plain);
        foreach (var at in new[] { whole.Length / 2, whole.Length - 1, whole.Length - 5 })
        {
            var flipped = whole.ToArray();
            flipped[at] ^= 1;
            (await folder.RefusalAsync("a.csv", flipped)).Message.ShouldContain("corrupt");
        }

        (await folder.RefusalAsync("a.csv", [.. whole, .. "more"u8])).Message.ShouldContain("followed by something else");
        (await folder.RefusalAsync("a.csv", [.. whole, .. whole[..^9]])).Message.ShouldContain("cut short");
    }

    [Fact]
    public async Task A_gzip_bomb_is_stopped()
    {
        var bomb = Gzip([.. "id\n"u8, .. new string('1', 4_000_000).Select(c => (byte)c)]);
        bomb.Length.ShouldBeLessThan(5_000);

        var limits = Tiny with { GzipRatioFrom = 1_000_000, MaxGzipRatio = 500 };
        (await folder.RefusalAsync("a.tsv", bomb, limits)).Message.ShouldContain("more than 500 times its size");
        (await folder.ReadAsync("a.tsv", bomb, limits with { GzipRatioFrom = 10_000_000 })).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_plainly_no_text_is_named()
    {
        const string text = "id,name\n1,a long enough line\n";
        foreach (var (bytes, name) in new (byte[], string)[]
        {
            ([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)], "is UTF-16."),
            ([.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(text)], "is UTF-16."),
            (Encoding.Unicode.GetBytes(text), "UTF-16 without a mark"),
            ([.. "PK\u0003\u0004"u8, 20, 0, 0, 0], "Excel workbook"),
            ([.. "SQLite format 3\0"u8, 16, 0], "SQLite database"),
            (Gzip(Gzip(Plain)), "gzip twice"),
            (new byte[40], "binary"),
        })
        {
            var refusal = await folder.RefusalAsync("a.csv", bytes);
            refusal.Message.ShouldContain(name);
            refusal.Hint.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task A_missing_file_a_directory_and_a_forbidden_file_are_refused()
    {
        async Task<string> Refusal(string path) =>
            (await Should.ThrowAsync<SourceException>(() => ReadAsync(new SourceSpec(SourceFormat.Csv, [path], Key("id"))))).Message;

        (await Refusal(folder.PathOf("none.csv"))).ShouldContain("there is no such file");
        (await Refusal(folder.PathOf("none/none.csv"))).ShouldContain("there is no such file");
        (await Refusal(Path.GetDirectoryName(folder.PathOf("x"))!)).ShouldContain("is a directory");
        if (!OperatingSystem.IsWindows() && Environment.UserName != "root")
        {
            File.SetUnixFileMode(folder.Write("secret.csv", Plain), UnixFileMode.None);
            (await Refusal(folder.PathOf("secret.csv"))).ShouldContain("may not be read");
        }
    }

    [Fact]
    public async Task Reading_stops_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        await using var source = await Source.OpenAsync(new(SourceFormat.Csv, [folder.Write("a.csv", Plain)], Key("id")), Tiny, stop.Token);
        await using var rows = source.ReadAsync(cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        (await rows.MoveNextAsync()).ShouldBeTrue();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            while (await rows.MoveNextAsync())
            {
            }
        });
    }

    [Fact]
    public async Task A_fingerprint_tells_changed_content_from_a_touched_file()
    {
        var spec = new SourceSpec(SourceFormat.Csv, [folder.Write("a.csv", "id\n1\n"), folder.Write("b.csv", "id\n2\n")], Key("id"));
        var before = await SourceFingerprint.ComputeAsync(spec);
        before.Files[0].Sha256.ShouldBe(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("id\n1\n"u8)));
        before.Files[0].Length.ShouldBe(5);

        File.SetLastWriteTimeUtc(spec.Paths[0], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldBeNull();

        folder.Write("b.csv", "id\n3\n");
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldBe($"{spec.Paths[1]} has other content of the same length");
        folder.Write("b.csv", "id\n31\n");
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldBe($"{spec.Paths[1]} had 5 bytes and has 6");
        (await SourceFingerprint.ComputeAsync(spec with { Paths = [spec.Paths[0]] })).ChangeSince(before).ShouldBe("the source had 2 files and has 1");

        File.Delete(spec.Paths[1]);
        await Should.ThrowAsync<SourceException>(() => SourceFingerprint.ComputeAsync(spec));
    }

    [Fact]
    public async Task Content_that_was_moved_or_copied_is_the_same_source_and_a_database_under_another_name_is_not()
    {
        async Task<string?> ChangeAsync(SourceFormat format, string from, string to)
        {
            var before = await SourceFingerprint.ComputeAsync(new SourceSpec(format, [folder.Write(from, "id\n1\n")], Key("id")));
            var at = folder.Write(to, "id\n1\n");
            File.SetLastWriteTimeUtc(at, before.Files[0].LastWrite.UtcDateTime);
            return (await SourceFingerprint.ComputeAsync(new SourceSpec(format, [at], Key("id")))).ChangeSince(before);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folder.Write("elsewhere.txt", ""))! + "/elsewhere");
        (await ChangeAsync(SourceFormat.Csv, "a.csv", "elsewhere/b.csv")).ShouldBeNull();
        (await ChangeAsync(SourceFormat.Sqlite, "a.sqlite", "elsewhere/a.sqlite")).ShouldBeNull();
        (await ChangeAsync(SourceFormat.Sqlite, "a.sqlite", "b.sqlite")).ShouldNotBeNull().ShouldContain("became");
    }

    [Fact]
    public async Task A_databases_fingerprint_goes_by_length_and_time()
    {
        var spec = new SourceSpec(SourceFormat.Sqlite, [folder.Write("a.sqlite", "0123")], Key("id"));
        var before = await SourceFingerprint.ComputeAsync(spec);
        before.Files[0].Sha256.ShouldBeNull();
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before).ShouldBeNull();

        File.SetLastWriteTimeUtc(spec.Paths[0], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SourceFingerprint.ComputeAsync(spec)).ChangeSince(before)!.ShouldContain("was written at 2020-01-01");
    }
}
