using Muster.Promotion;
using static Muster.Tests.Promotion.Staged;

namespace Muster.Tests.Promotion;

public sealed class PromotionPropertyTests
{
    [Fact]
    public async Task Promotion_then_rollback_is_the_identity_on_untouched_keys_and_edits_by_others_survive_both()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            using var folder = new TargetFolder();
            foreach (var key in Keys(random, 12)) folder.Run($"insert into products values ('{key}', {Value(random)}, {random.Next(9)}.25, 'n{key}')");
            var before = ByKey(folder);
            var staged = Keys(random, 15).Select(k => Row(k, $$"""{"category":"s{{random.Next(3)}}","price":{{random.Next(9)}}}""")).ToArray();
            var target = folder.Target();
            var plan = await target.Plan("p", staged);
            var edited = Edit(folder, random, "between");
            var receipt = await target.ApplyAsync(new ApplyRequest("plan-p", "p", seed));
            receipt.Counts.Total.ShouldBe(staged.Length, $"seed {seed}");
            receipt.Counts.Written.ShouldBeLessThanOrEqualTo(plan.Counts.Written, $"seed {seed}");
            foreach (var key in edited) ByKey(folder).GetValueOrDefault(key, "gone").ShouldContain("between", customMessage: $"seed {seed} key {key}");
            var late = Edit(folder, random, "later");

            var undone = await target.RollbackAsync(new RollbackRequest("p"));

            (undone.Restored + undone.Deleted + undone.Conflicts).ShouldBe(receipt.Counts.Written, $"seed {seed}");
            var now = ByKey(folder);
            foreach (var key in late) now[key].ShouldContain("later", customMessage: $"seed {seed} key {key}");
            foreach (var key in before.Keys.Concat(now.Keys).Except(edited).Except(late))
            {
                now.GetValueOrDefault(key).ShouldBe(before.GetValueOrDefault(key), $"seed {seed} key {key}");
            }

            (await target.RollbackAsync(new RollbackRequest("p"))).AlreadyRolledBack.ShouldBeTrue();
            ByKey(folder).ShouldBe(now);
        }
    }

    private static HashSet<string> Keys(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => "k" + random.Next(20))];

    private static string Value(Random random) => random.Next(4) switch { 0 => "null", 1 => "'s1'", 2 => "x'00ff'", _ => "7" };

    private static HashSet<string> Edit(TargetFolder folder, Random random, string mark)
    {
        var keys = Keys(random, 3);
        foreach (var key in keys)
        {
            folder.Run($"insert into products values ('{key}', '{mark}', 1, 'x') on conflict (sku) do update set category = '{mark}'");
        }

        return keys;
    }

    private static Dictionary<string, string> ByKey(TargetFolder folder) => folder.Rows().ToDictionary(r => r.Split('|')[0]);
}
