using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muster.Results;

namespace Muster.Tests.Results;

public sealed class Utf8LinesTests
{
    /// <summary>Hands out its bytes in pieces of given sizes, then one at a time.</summary>
    private sealed class Pieces(byte[] bytes, int[] sizes) : MemoryStream(bytes)
    {
        private int next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var size = next < sizes.Length ? Math.Max(1, sizes[next++]) : 1;
            return new ValueTask<int>(Read(buffer.Span[..Math.Min(size, buffer.Length)]));
        }
    }

    private static async Task<List<(string Text, bool TooLong, bool Terminated)>> ReadAsync(byte[] bytes, int max, params int[] sizes)
    {
        var lines = new Utf8Lines(new Pieces(bytes, sizes), max);
        var read = new List<(string, bool, bool)>();
        while (await lines.NextAsync())
            read.Add((Encoding.Latin1.GetString(lines.Line.Span), lines.TooLong, lines.Terminated));
        return read;
    }

    [Fact]
    public void Lines_are_the_input_whatever_the_pieces_and_the_limit()
    {
        var texts = Gen.Elements((byte)'\n', (byte)'a', (byte)'\r', (byte)0xE2, (byte)0x80, (byte)0xA8, (byte)0).ListOf(120).Select(list => list.ToArray());
        var sizes = Gen.Choose(1, 40).ListOf(20).Select(list => list.ToArray());
        Prop.ForAll(texts.ToArbitrary(), sizes.ToArbitrary(), Gen.Choose(1, 40).ToArbitrary(), async Task (byte[] bytes, int[] pieces, int max) =>
        {
            var read = await ReadAsync(bytes, max, pieces);
            var wanted = Encoding.Latin1.GetString(bytes).Split('\n').ToList();
            var terminated = wanted.Count - 1;
            if (wanted[^1].Length == 0)
                wanted.RemoveAt(wanted.Count - 1);
            read.Count.ShouldBe(wanted.Count);
            for (var i = 0; i < read.Count; i++)
            {
                read[i].TooLong.ShouldBe(wanted[i].Length > max);
                read[i].Terminated.ShouldBe(i < terminated);
                read[i].Text.ShouldBe(wanted[i].Length > max ? wanted[i][..Math.Min(max, 256)] : wanted[i]);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public async Task A_line_far_too_long_is_passed_over_in_bounded_memory()
    {
        var lines = new Utf8Lines(new Endless(bytes: 300_000_000), maxLineBytes: 1 << 20);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        (await lines.NextAsync()).ShouldBeTrue();
        (lines.TooLong, lines.Terminated, lines.Line.Length).ShouldBe((true, true, 256));
        (await lines.NextAsync()).ShouldBeTrue();
        Encoding.ASCII.GetString(lines.Line.Span).ShouldBe("after");
        lines.Terminated.ShouldBeFalse();
        (await lines.NextAsync()).ShouldBeFalse();

        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(20_000_000);
    }

    /// <summary>One line of so many bytes, then a short one without an end.</summary>
    private sealed class Endless(long bytes) : MemoryStream
    {
        private readonly byte[] tail = "\nafter"u8.ToArray();
        private long left = bytes;
        private int said;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(left, buffer.Length);
            buffer.Span[..count].Fill((byte)'x');
            left -= count;
            if (count > 0)
                return new ValueTask<int>(count);
            count = Math.Min(tail.Length - said, buffer.Length);
            tail.AsSpan(said, count).CopyTo(buffer.Span);
            said += count;
            return new ValueTask<int>(count);
        }
    }
}
