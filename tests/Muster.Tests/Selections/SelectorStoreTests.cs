using FsCheck;
using FsCheck.Fluent;
using Muster.Jobs;
using Muster.Review;
using Muster.Selections;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Selections;

public sealed class SelectorStoreTests
{
    private static readonly string[] Terms =
    [
        "state:open", "state:quarantined,succeeded", "state:c*", "state:in-flight", "reason:*", "reason:SHP.SCHEMA", "reason:SHP.SCHEMA*", "reason:SHP.SCHEMA./category", "reason:\u0416",
        "reason:API.TRANSIENT,HUM.REQUESTED", "key:A-1,B-4", "key:A*", "key:\u0416*", "key:\"\"", "key:@keys.txt", "key:@none.txt,B*", "batch:b-1", "batch:b-*", "batch:msgbatch_3,b-6", "batch:b",
        "run:r-1", "run:r-*", "run:r-2,r-3", "run:r-9", "tier:1", "tier:2,3", "tier:01", "since:3h", "since:2026-11-20T01:00:00Z", "since:2026-11-20", "since:2026-11-20T04:00Z",
        "/category:Toys", "/category:null", "/category:\"null\"", "/category:To*", "/n:3", "/n:3.0", "/tags:red", "/none:null", "/tags/1:\u0416", "/0:1", "slice:script=Cyrillic", "slice:length=*", "slice:script=*",
    ];

    [Fact]
    public async Task The_store_and_memory_mean_the_same_rows_by_every_selector()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            var made = new RandomStore(seed);
            var (store, family) = await made.OpenAsync(60);
            await using var open = store;
            var standing = made.Standing().ToList();
            var term = from text in Gen.Elements(Terms) from negated in Gen.Elements(true, false) select (negated ? "-" : "") + text;
            foreach (var terms in term.NonEmptyListOf().Sample(60).Select(some => some.Take(4)).Concat(Terms.Select(one => Enumerable.Repeat(one, 1))))
            {
                var selector = Selector.Parse(string.Join(' ', terms));
                var found = new List<long>();
                await foreach (var row in store.SelectAsync(family, selector, made.Context))
                    found.Add(row.RowId);

                found.Order().ShouldBe(standing.Where(row => selector.Matches(row.Facts, made.Context)).Select(row => row.RowId).Order(), $"seed {seed}: {selector}");
            }
        }
    }

    [Fact]
    public async Task A_row_stands_as_the_newest_rerun_left_it_unless_that_was_canceled()
    {
        var made = new RandomStore(3);
        var (store, family) = await made.OpenAsync(40);
        await using var open = store;
        var found = new List<long>();
        await foreach (var row in store.SelectAsync(family, Selector.Parse("all"), made.Context))
            found.Add(row.RowId);

        found.Count.ShouldBe(40);
        found.Order().ShouldBe(made.Standing().Select(row => row.RowId).Order());
        found.ShouldContain(id => id > 40, "no rerun took a row over");
    }

    [Fact]
    public async Task An_issue_is_meant_by_its_number_as_by_its_fingerprint()
    {
        var made = new RandomStore(3);
        var (store, family) = await made.OpenAsync(60);
        await using var open = store;
        var grouper = new IssueGrouper(JobSnapshot.FromJson(family.Full.Snapshot));
        await foreach (var row in store.EvidenceAsync(family.Full.Id))
            grouper.Add(row);
        await using (var writer = SqliteStore.Open(store.Folder, "a test", TimeProvider.System))
            writer.CountIssues(family.Full, grouper.Issues, grouper.Contract, made.Context.Now);
        var issue = store.Issues(family.Full.Job)[0];

        async Task<List<long>> Meant(string selector)
        {
            var found = new List<long>();
            await foreach (var row in store.SelectAsync(family, Selector.Parse(selector), made.Context))
                found.Add(row.RowId);
            return found;
        }

        var byNumber = await Meant($"issue:{issue.Id}");
        byNumber.ShouldNotBeEmpty();
        byNumber.ShouldBe(await Meant($"issue:{issue.Fingerprint}"));
        (await Meant("issue:Q-9999")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_frozen_is_sorted_hashed_and_without_rows_that_cannot_be_asked()
    {
        var made = new RandomStore(5);
        var (store, family) = await made.OpenAsync(60);
        await using var open = store;
        var frozen = await store.FreezeAsync(family, Selector.Parse("-state:open"), made.Context, null);

        using var hash = new SelectionHash();
        foreach (var key in made.Standing().Where(row => row.Facts.State > Muster.Runs.RowState.InFlight && row.Facts.Key.Length > 0).Select(row => row.Facts.Key).Order(StringComparer.Ordinal))
            hash.Add(key);
        frozen.Rows.ShouldBe(hash.Rows);
        frozen.Hash.ShouldBe(hash.Finish());
        frozen.Keyless.ShouldBe(made.Standing().Count(row => row.Facts.State > Muster.Runs.RowState.InFlight && row.Facts.Key.Length == 0));
        frozen.Standing.Sum(standing => standing.Rows).ShouldBe(frozen.Rows);
    }
}
