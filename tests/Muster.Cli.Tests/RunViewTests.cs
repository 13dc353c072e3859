using Muster.Batches;
using Muster.Cli.Output;
using Muster.Runs;

namespace Muster.Cli.Tests;

public sealed class RunViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 14, 9, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(79)]
    [InlineData(120)]
    [InlineData(200)]
    public void Every_line_fits_and_the_sum_on_it_balances(int width)
    {
        var lines = RunView.Lines(Report(ended: 2), "waiting: 200000 requests are unfinished", width, 30, Now);

        lines.ShouldAllBe(line => line.Length <= width);
        lines.ShouldContain(line => line.Contains("expires in 22h51", StringComparison.Ordinal));
        string.Join("\n", lines).ShouldContain(width < 130
            ? "120 000 = 39 633 succeeded + 367 quarantined + 80 000 open"
            : "120 000 rows = 39 633 succeeded + 0 errored + 0 expired + 0 canceled + 367 quarantined + 0 human-queued + 80 000 open");
    }

    [Fact]
    public void An_estimate_needs_a_batch_that_ended()
    {
        string.Join("\n", RunView.Lines(Report(ended: 0), null, 120, 30, Now)).ShouldNotContain("ETA");
        string.Join("\n", RunView.Lines(Report(ended: 2), null, 120, 30, Now)).ShouldContain("ETA 14:10Z ± 7 m (past turnaround)");
    }

    [Fact]
    public void Many_batches_leave_the_open_ones_on_the_screen()
    {
        var report = Report(ended: 2) with { Batches = [.. Enumerable.Range(1, 100).Select(i => Some(i, ended: i > 2))] };

        var lines = RunView.Lines(report, null, 100, 24, Now);

        lines.Count.ShouldBeLessThanOrEqualTo(24);
        lines.ShouldContain(line => line.Contains("b-1 ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("88 more: muster status --batches", StringComparison.Ordinal));
    }

    [Fact]
    public void Foreign_text_cannot_command_a_terminal() =>
        Figures.Clean("a\u001b[2Jb\u202Ec\rd").ShouldBe("a\\u001b[2Jb\\u202ec\\u000dd");

    private static RunReport Report(int ended) => new(
        new Run
        {
            Id = 1, Name = "r-1", Tag = "ABC123", Job = "tags", JobVersion = "7", Snapshot = "", Kind = "full", State = RunState.Running, Fingerprint = "",
            Columns = [], OpenedAt = Now.AddHours(-2), Records = 120_000,
        },
        new Ledger(120_000, ended == 0 ? 0 : 39_633, 0, 0, 0, ended == 0 ? 0 : 367, 0, 0, ended == 0 ? 120_000 : 80_000),
        [], [.. Enumerable.Range(1, 6).Select(i => Some(i, i <= ended))], []);

    private static Batch Some(int number, bool ended)
    {
        var created = Now.AddMinutes(-69);
        return new Batch
        {
            Id = number, Name = $"b-{number}", RunId = 1, Tier = 0, State = ended ? BatchState.Settled : BatchState.Created, Nonce = "N", Requests = 20_000,
            BodyBytes = 1, BodySha256 = "", ApiVersion = "", SealedAt = created, RemoteId = $"msgbatch_{number}", Proof = Proof.Reply,
            Remote = new RemoteBatch($"msgbatch_{number}", ended ? RemoteStatus.Ended : RemoteStatus.InProgress,
                ended ? new RequestCounts(0, 19_811, 189, 0, 0) : new RequestCounts(20_000, 0, 0, 0, 0), created, created.AddHours(24),
                ended ? created.AddMinutes(number % 2 == 0 ? 70 : 56) : null, null, null),
        };
    }
}
