using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Muster.Promotion;
using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Promoting;

/// <summary>The columns that the job names.</summary>
internal sealed record Managed(string? Category, string? Summary)
{
    public static Managed Of(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return new Managed(json.RootElement.GetProperty("category").GetString(), json.RootElement.GetProperty("summary").GetString());
    }
}

/// <param name="Note">A column that the job does not name.</param>
internal sealed record TargetRow(Managed Managed, string? Note);

/// <param name="Before">Null where there was no row.</param>
internal sealed record PlannedRow(PromotionOp Op, Managed? Before);

/// <param name="Before">Null where the row was inserted.</param>
internal sealed record WrittenRow(Managed? Before, Managed After);

/// <param name="Left">Keys that its rollback left alone.</param>
internal sealed record Promoted(string Plan, PromotionState State, ImmutableSortedDictionary<string, WrittenRow> Rows, ImmutableSortedSet<string> Left)
{
    public bool Owns(string key) => Rows.ContainsKey(key) && (State == PromotionState.Live || Left.Contains(key));
}

/// <summary>What a promotion or a rollback makes of the target, and what its receipt says.</summary>
internal sealed record Step<T>(TargetState State, T Counts);

internal sealed record UndoCounts(long Restored, long Deleted, long Conflicts);

/// <summary>The rules of promotion and rollback in plain words, apart from the product's SQL: the rows and receipts that anyone may see.</summary>
internal sealed record TargetState(ImmutableSortedDictionary<string, TargetRow> Rows, ImmutableList<Promoted> Promotions, bool Inserts)
{
    private const int Strangers = 4;

    /// <summary>A table as it is met: some keys of the source are absent, some rows differ, some are right, and some are none of the source's.</summary>
    public static TargetState Draw(Dice dice, IReadOnlyList<string> keys, bool inserts)
    {
        var met = ImmutableSortedDictionary.CreateBuilder<string, TargetRow>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var note = dice.Hit(0.5) ? $"note of {key}" : null;
            if (dice.Below(10) is > 3 and var what)
                met[key] = new TargetRow(what < 7 ? Managed.Of(Scenario.Expected[key]) : new Managed(dice.Hit(0.3) ? null : "Old", dice.Hit(0.3) ? null : $"old {key}"), note);
        }

        for (var i = 1; i <= Strangers; i++)
            met[$"stranger-{i}"] = new TargetRow(new Managed("Theirs", null), "not of the source");
        return new TargetState(met.ToImmutable(), [], inserts);
    }

    public IReadOnlyDictionary<string, PlannedRow> Plan(IReadOnlyDictionary<string, Managed> answers) => answers.ToDictionary(answer => answer.Key, answer =>
    {
        var before = Of(answer.Key);
        return new PlannedRow(
            before == answer.Value ? PromotionOp.Unchanged
            : Promotions.Exists(promotion => promotion.Owns(answer.Key)) ? PromotionOp.Conflict
            : before is not null ? PromotionOp.Update
            : Inserts ? PromotionOp.Insert : PromotionOp.Missing,
            before);
    });

    public Step<PromotionCounts> Apply(string plan, IReadOnlyDictionary<string, PlannedRow> planned, IReadOnlyDictionary<string, Managed> answers)
    {
        var rows = Rows.ToBuilder();
        var written = ImmutableSortedDictionary.CreateBuilder<string, WrittenRow>(StringComparer.Ordinal);
        var ops = new List<PromotionOp>();
        foreach (var (key, answer) in answers)
        {
            var (op, before) = planned[key];
            if (op is PromotionOp.Insert or PromotionOp.Update or PromotionOp.Unchanged && Of(key) != before)
                op = PromotionOp.Conflict;
            ops.Add(op);
            if (op is not (PromotionOp.Insert or PromotionOp.Update))
                continue;
            rows[key] = op == PromotionOp.Insert ? new TargetRow(answer, null) : rows[key] with { Managed = answer };
            written[key] = new WrittenRow(before, answer);
        }

        return new Step<PromotionCounts>(
            this with { Rows = rows.ToImmutable(), Promotions = Promotions.Add(new Promoted(plan, PromotionState.Live, written.ToImmutable(), [])) }, Counts(ops));
    }

    public Step<UndoCounts> RollBack(string plan)
    {
        var promotion = Promotions.Find(promotion => promotion.Plan == plan)!;
        var rows = Rows.ToBuilder();
        var left = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var deleted = 0;
        foreach (var (key, written) in promotion.Rows)
        {
            if (Of(key) != written.After)
            {
                left.Add(key);
            }
            else if (written.Before is null)
            {
                rows.Remove(key);
                deleted++;
            }
            else
            {
                rows[key] = rows[key] with { Managed = written.Before };
            }
        }

        return new Step<UndoCounts>(
            this with { Rows = rows.ToImmutable(), Promotions = Promotions.Replace(promotion, promotion with { State = PromotionState.RolledBack, Left = left.ToImmutable() }) },
            new UndoCounts(promotion.Rows.Count - left.Count - deleted, deleted, left.Count));
    }

    public static PromotionCounts Counts(IEnumerable<PromotionOp> ops)
    {
        var counted = ops.CountBy(op => op).ToDictionary();
        long Of(PromotionOp op) => counted.GetValueOrDefault(op);
        return new PromotionCounts(Of(PromotionOp.Insert), Of(PromotionOp.Update), Of(PromotionOp.Unchanged), Of(PromotionOp.Conflict),
            Of(PromotionOp.SourceChanged), Of(PromotionOp.Missing), Of(PromotionOp.Constraint));
    }

    /// <summary>Everything visible, a line for each row and receipt.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        foreach (var (key, row) in Rows)
            AddRow(text, key, row.Managed.Category, row.Managed.Summary, row.Note);
        foreach (var promotion in Promotions)
            AddReceipt(text, promotion.Plan, promotion.State == PromotionState.Live ? "live" : "rolled_back");
        return text.ToString();
    }

    public static void AddRow(StringBuilder text, string key, string? category, string? summary, string? note) =>
        text.Append(key).Append(" = ").Append(category ?? "NULL").Append('|').Append(summary ?? "NULL").Append('|').Append(note ?? "NULL").Append('\n');

    public static void AddReceipt(StringBuilder text, string plan, string state) => text.Append("receipt of ").Append(plan).Append(": ").Append(state).Append('\n');

    private Managed? Of(string key) => Rows.GetValueOrDefault(key)?.Managed;
}
