using Muster.Cli.Output;

namespace Muster.Cli.Tests;

/// <summary>What a terminal of 80 columns gets instead of words and tables that are cut anywhere.</summary>
public sealed class LayoutTests
{
    [Fact]
    public void A_long_line_breaks_between_words_and_hangs_under_its_beginning() =>
        Wrap.Lines("  120 000 rows = 39 633 succeeded + 0 errored", 36).ShouldBe(["  120 000 rows = 39 633 succeeded", "    + 0 errored"]);

    [Fact]
    public void A_number_stays_with_what_it_counts_and_with_its_sign() =>
        Wrap.Lines("spent on 120 000 rows + 0 errored", 16).ShouldBe(["spent on", "  120 000 rows", "  + 0 errored"]);

    [Fact]
    public void A_word_that_is_too_long_stays_whole_so_that_it_can_be_copied() =>
        Wrap.Lines("see msgbatch_01SbzSM7su165iEGFPeXbvKZ there", 20).ShouldBe(["see", "  msgbatch_01SbzSM7su165iEGFPeXbvKZ", "  there"]);

    [Fact]
    public void Wide_characters_count_twice() => Wrap.Lines("防水 急須 工具", 10).ShouldBe(["防水 急須", "  工具"]);

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    public void What_fits_is_left_as_it_is(string text) => Wrap.Lines(text, 20).ShouldBe([text]);

    [Fact]
    public void A_wide_table_becomes_two_that_begin_with_the_same_column()
    {
        var table = new Columns("llr").Add("batch", "remote", "bytes").Add("b-1", "msgbatch_1", "141 404").Add("b-10", "msgbatch_2", "9");

        table.Lines(22).ShouldBe(
        [
            "  batch  remote", "  b-1    msgbatch_1", "  b-10   msgbatch_2",
            "  batch    bytes", "  b-1    141 404", "  b-10         9",
        ]);
        table.Lines().ShouldBe(["  batch  remote        bytes", "  b-1    msgbatch_1  141 404", "  b-10   msgbatch_2        9"]);
    }
}
