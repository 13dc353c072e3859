using Muster.Pilots;
using Muster.Runs;
using Muster.Sources;

namespace Muster.Tests.Stores;

public abstract partial class StoreContract
{
    private static readonly RunPick Pick = new(ulong.MaxValue, 9, 7, [new StratumShare(Stratum.Random, 2, 1, 7, "drawn"), new StratumShare(Stratum.Control, 1, 1, 1, "odd")],
        [new PickedRow(2, "p.csv:3", Stratum.Random), new PickedRow(5, "p.csv:6", Stratum.Control)]);

    [Fact]
    public async Task A_run_keeps_its_kind_and_its_pick()
    {
        await using var store = await OpenAsync();
        var full = await store.OpenRunAsync(Opening() with { Unpiloted = true });
        var pilot = await store.OpenRunAsync(Opening("RUN002") with { Kind = "pilot", Pick = Pick });

        (await store.PickAsync(full.Id)).ShouldBeNull();
        (full.Kind, full.Unpiloted, pilot.Kind, pilot.Unpiloted).ShouldBe(("full", true, "pilot", false));
        (await store.RunAsync(full.Id)).Unpiloted.ShouldBeTrue();
        var pick = (await store.PickAsync(pilot.Id)).ShouldNotBeNull();
        (pick.Seed, pick.Records, pick.Askable, pick.Wanted).ShouldBe((ulong.MaxValue, 9, 7, 3));
        pick.Rows.ShouldBe(Pick.Rows);
        pick.Mix.ShouldBe(Pick.Mix);
    }

    [Fact]
    public async Task Picked_rows_are_read_as_they_stand()
    {
        await using var store = await OpenAsync();
        var run = await store.OpenRunAsync(Opening() with { Kind = "pilot", Pick = Pick });
        await store.RecordRowsAsync(run.Id, 0, [Row("k3", "p.csv:3"), Row("k6", "p.csv:6")], RepeatedKey.SetAside);
        await store.MoveRunAsync(run.Id, RunState.Running, null, Now);

        var rows = new List<PickedResult>();
        await foreach (var row in store.ReadPickedAsync(run.Id))
            rows.Add(row);

        rows.Select(row => (row.Key, row.Line, row.Stratum, row.State)).ShouldBe(
            [("k3", "p.csv:3", Stratum.Random, RowState.Pending), ("k6", "p.csv:6", Stratum.Control, RowState.Pending)]);
        rows.ShouldAllBe(row => row.Use == new PickedUse(0, 0, 0, 0) && row.Output.IsEmpty && !row.Input.IsEmpty);
    }

    [Fact]
    public async Task A_version_is_locked_once_and_a_later_pilot_takes_the_place()
    {
        await using var store = await OpenAsync();
        var run = await store.OpenRunAsync(Opening() with { Kind = "pilot", Pick = Pick });
        var locked = new PilotLock("catalog", "v1", run.Id, Now, "me", 0.975, 40, new string('a', 64)) { Read = 31 };

        (await store.PilotLockAsync("catalog", "v1")).ShouldBeNull();
        await store.LockPilotAsync(locked);
        await store.LockPilotAsync(locked);
        (await store.PilotLockAsync("catalog", "v1")).ShouldBe(locked);
        await store.LockPilotAsync(locked with { Who = "you", Rows = 50 });

        (await store.PilotLockAsync("catalog", "v1")).ShouldBe(locked with { Who = "you", Rows = 50 });
        (await store.PilotLockAsync("catalog", "v2")).ShouldBeNull();
        (await store.PilotLockAsync("other", "v1")).ShouldBeNull();
    }
}
