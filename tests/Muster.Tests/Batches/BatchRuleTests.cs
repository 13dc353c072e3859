using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Muster.Batches;
using Muster.Runs;

namespace Muster.Tests.Batches;

public sealed class BatchRuleTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private static readonly HashSet<string> None = [];

    private static Batch Intent(int requests, DateTimeOffset? listedUntil = null) => new()
    {
        Id = 1, Name = "b-1", RunId = 1, Tier = 0, State = BatchState.Unknown, Nonce = "N", Requests = requests, BodyBytes = 1, BodySha256 = "",
        ApiVersion = "", SealedAt = At, ListedUntil = listedUntil,
    };

    private static RemoteBatch Listed(string id, int requests, double minutes) =>
        new(id, RemoteStatus.InProgress, new RequestCounts(requests - 1, 1, 0, 0, 0), At.AddMinutes(minutes), At.AddDays(1), null, null, null);

    [Fact]
    public void Candidates_fit_by_count_and_time_and_are_not_anyone_elses()
    {
        RemoteBatch[] listed = [Listed("d", 7, 5), Listed("c", 7, -1.9), Listed("b", 7, -2.1), Listed("a", 8, 5), Listed("e", 7, 6)];

        Candidates.Of(Intent(7, At), listed, new HashSet<string> { "e" }).Select(remote => remote.Id).ShouldBe(["c", "d"]);
        Candidates.Of(Intent(7), listed, None).Select(remote => remote.Id).ShouldBe(["b", "c", "d", "e"]);
        Candidates.Of(Intent(9, At), listed, None).ShouldBeEmpty();
    }

    [Fact]
    public void Absence_needs_the_quiet_period_two_lists_and_no_contested_candidate()
    {
        var quiet = TimeSpan.FromMinutes(15);
        foreach (var gate in new[] { 0, 14.9, 15, 60 })
        {
            foreach (var empty in new double?[] { null, 0, 59, 60, 600 })
            {
                var wait = empty is { } s ? TimeSpan.FromSeconds(s) : (TimeSpan?)null;
                var search = Candidates.Judge([], None, TimeSpan.FromMinutes(gate), quiet, Candidates.Between, wait);
                search.ShouldBeOfType(gate >= 15 && empty >= 60 ? typeof(Search.Absent) : typeof(Search.NotYet), $"{gate} min, {empty} s");

                var held = Candidates.Judge([Listed("a", 7, 1)], new HashSet<string> { "a" }, TimeSpan.FromMinutes(gate), quiet, Candidates.Between, wait);
                held.ShouldBeOfType<Search.NotYet>();
            }
        }

        var a = Listed("a", 7, 1);
        var b = Listed("b", 7, 2);
        Candidates.Judge([a], None, default, quiet, Candidates.Between, null).ShouldBe(new Search.Found(a));
        Candidates.Judge([a, b], new HashSet<string> { "b" }, default, quiet, Candidates.Between, null).ShouldBe(new Search.Found(a));
        Candidates.Judge([a, b], None, default, quiet, Candidates.Between, null).ShouldBeOfType<Search.Several>().Batches.Count.ShouldBe(2);
    }

    [Fact]
    public void A_count_is_the_largest_that_is_free()
    {
        DistinctCount.AtMost(7, new HashSet<int>()).ShouldBe(7);
        DistinctCount.AtMost(7, new HashSet<int> { 7, 6, 4 }).ShouldBe(5);
        DistinctCount.AtMost(2, new HashSet<int> { 1, 2 }).ShouldBe(2);
        DistinctCount.AtMost(100_000, Enumerable.Range(99_999, 2).ToHashSet()).ShouldBe(99_998);
    }

    [Fact]
    public void A_packed_body_has_exactly_the_bytes_that_were_counted()
    {
        var sizes = Gen.Choose(1, 60).ListOf(30);
        Prop.ForAll(sizes.ToArbitrary(), Gen.Choose(1, 30).ToArbitrary(), Gen.Choose(20, 600).ToArbitrary(), (requests, maxRows, maxBytes) =>
        {
            var packer = new BatchPacker(maxRows, maxBytes);
            var body = new ArrayBufferWriter<byte>();
            body.Write(BatchPacker.Head);
            foreach (var size in requests)
            {
                if (!packer.TryAdd(size))
                {
                    (packer.Rows == maxRows || body.WrittenCount + BatchPacker.Tail.Length + size + (packer.Rows > 0 ? 1 : 0) > maxBytes).ShouldBeTrue();
                    break;
                }

                if (packer.Rows > 1)
                    body.Write(","u8);
                body.Write(new byte[size]);
            }

            body.Write(BatchPacker.Tail.Span);
            packer.Bytes.ShouldBe(body.WrittenCount);
            if (packer.Rows > 0)
                packer.Bytes.ShouldBeLessThanOrEqualTo(maxBytes);
            packer.Rows.ShouldBeLessThanOrEqualTo(maxRows);
            new BatchPacker(maxRows, maxBytes).TryAdd((int)packer.MaxRequestBytes).ShouldBeTrue();
            new BatchPacker(maxRows, maxBytes).TryAdd((int)packer.MaxRequestBytes + 1).ShouldBeFalse();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Polls_follow_the_hint_within_bounds_and_failures_back_off()
    {
        static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
        PollSchedule.AfterAnswer(null, null).ShouldBe(S(10));
        PollSchedule.AfterAnswer(S(30), null).ShouldBe(S(30));
        PollSchedule.AfterAnswer(S(3600), null).ShouldBe(S(120));
        PollSchedule.AfterAnswer(S(30), S(1)).ShouldBe(S(1));
        Enumerable.Range(1, 7).Select(n => PollSchedule.AfterFailure(n, null, null).TotalSeconds).ShouldBe([10, 20, 40, 80, 160, 300, 300]);
        PollSchedule.AfterFailure(1, S(45), null).ShouldBe(S(45));
        PollSchedule.AfterFailure(1, S(4500), null).ShouldBe(S(300));
        PollSchedule.AfterFailure(3, S(45), S(1)).ShouldBe(S(4));
        PollSchedule.AfterFailure(int.MaxValue, null, null).ShouldBe(S(300));
        UploadDeadline.For(0).ShouldBe(S(60));
        UploadDeadline.For(240_000_000).ShouldBe(S(540));
        UploadDeadline.For(long.MaxValue / 1000).ShouldBe(TimeSpan.FromMinutes(30));
    }

    [Theory]
    [InlineData(1, 0, 5, 0, true)]
    [InlineData(0, 7, 5, 0, true)]
    [InlineData(0, 6, 5, 0, false)]
    [InlineData(0, 6, 0, 0, true)]
    [InlineData(0, 6, 5, 29.9, false)]
    [InlineData(0, 6, 5, 30, true)]
    [InlineData(0, 0, 0, 60, false)]
    public void A_tail_waits_for_company_but_not_for_ever(long first, long again, int open, double minutes, bool now) =>
        SubmissionSchedule.SendNow(new PendingRows(first, again), 7, open, TimeSpan.FromMinutes(minutes)).ShouldBe(now);

    [Fact]
    public void Batches_move_forward_and_end()
    {
        foreach (var state in Enum.GetValues<BatchState>())
        {
            BatchStates.CanMove(state, state).ShouldBeFalse();
            BatchStates.All().Any(move => move.From == state).ShouldBe(state is not (BatchState.Settled or BatchState.Withdrawn or BatchState.Lost));
        }

        BatchStates.CanMove(BatchState.Created, BatchState.Withdrawn).ShouldBeFalse();
        RunStates.IsFinal(RunState.Done).ShouldBeTrue();
        RunStates.IsFinal(RunState.Held).ShouldBeFalse();
    }

    [Fact]
    public void The_conductor_goes_on_until_one_thing_says_otherwise()
    {
        var pause = new StopReason(RunOutcome.Paused, "x");
        foreach (var rows in new long[] { 0, 3 })
        foreach (var batches in new[] { 0, 2 })
        foreach (var givenUp in new[] { 0, batches / 2, batches })
        foreach (var unbooked in new[] { 0, 1 })
        foreach (var stop in new[] { null, pause })
        foreach (var now in new[] { false, true })
        foreach (var canceling in new[] { false, true })
        foreach (var time in new[] { false, true })
        {
            RunOutcome? wanted = canceling && batches == 0 && unbooked == 0 ? RunOutcome.Canceled
                : stop is not null && (now || batches == givenUp) ? RunOutcome.Paused
                : rows == 0 && batches == 0 && unbooked == 0 ? RunOutcome.Done
                : time ? RunOutcome.StillProcessing : null;
            Conduct.Decide(new Seen(rows, batches, givenUp, unbooked, stop, now, canceling, time)).ShouldBe(wanted);
        }

        Conduct.OverBudget(2, 100, 0.02).ShouldBeFalse();
        Conduct.OverBudget(3, 100, 0.02).ShouldBeTrue();
        Conduct.OverBudget(100, 100, null).ShouldBeFalse();
        Conduct.OverBudget(1, 100, 0).ShouldBeTrue();
    }
}
