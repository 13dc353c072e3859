using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muster.Staging;

namespace Muster.Promotion;

/// <summary>Compares staged rows with the target and stores the answer in the target's own database.</summary>
internal sealed class Planner(PromotionWork work)
{
    internal const int Examples = 20;

    private readonly TargetDatabase _database = work.Database;

    internal async Task<PromotionPlan> PlanAsync(
        PlanRequest request, OutputReader reader, bool insert, IAsyncEnumerable<StagedRow> rows, CancellationToken cancellationToken)
    {
        var shape = work.Shape();
        var stager = new Stager(_database);
        await stager.StageAsync(shape, reader, rows, request.MaxRows, cancellationToken);
        await stager.SourceAsync(request.SourceNow, cancellationToken);
        stager.Force(request.ForceKeys, cancellationToken);
        work.Reached("plan.staged");
        _database.Run("begin immediate");
        _database.Run(TargetDatabase.Sql("schema"));
        Replace(request);
        var plan = Open(request);
        Judge(request, shape, plan, insert);
        var stored = Summary(request, shape, plan);
        _database.Run(
            "update main.muster_plan set hash = $hash, summary = $summary where seq = $plan",
            ("$hash", stored.Hash), ("$summary", JsonSerializer.Serialize(stored)), ("$plan", plan));
        work.Reached("plan.written");
        _database.Run("commit");
        return stored;
    }

    internal PromotionPlan? Find(string planId) =>
        ReceiptReader.HasTables(_database)
        && _database.Scalar<string>("select summary from main.muster_plan where id = $id", ("$id", planId)) is { } summary
            ? JsonSerializer.Deserialize<PromotionPlan>(summary)
            : null;

    private void Replace(PlanRequest request)
    {
        if (_database.Scalar<long>("select count(*) from main.muster_promotion where plan_id = $id", ("$id", request.PlanId)) > 0)
        {
            throw new TargetException($"The plan {Identifier.Show(request.PlanId)} is applied already.", "Give the new plan a new id.");
        }

        _database.Run(
            """
            delete from main.muster_plan_row where plan in
                (select seq from main.muster_plan where id = $id or (run_id = $run and target = $target));
            delete from main.muster_plan where id = $id or (run_id = $run and target = $target);
            """,
            ("$id", request.PlanId), ("$run", request.RunId), ("$target", work.Table));
    }

    private long Open(PlanRequest request) => _database.Scalar<long>(
        """
        insert into main.muster_plan (id, run_id, target, columns, hash, summary) values ($id, $run, $target, $columns, '', '')
        returning seq
        """,
        ("$id", request.PlanId), ("$run", request.RunId), ("$target", work.Table), ("$columns", work.ColumnsJson));

    private void Judge(PlanRequest request, TargetShape shape, long plan, bool insert)
    {
        _database.Run(TargetDatabase.Sql("last"), ("$run", request.RunId), ("$target", work.Table));
        var columnSets = _database.List(
            "select distinct m.columns from temp.muster_last l join main.muster_promotion m on m.seq = l.promotion", r => r.GetString(0));
        foreach (var columns in columnSets)
        {
            // Columns that are gone cannot have been edited.
            if (work.ShapeOf(columns) is { } earlier) _database.Run(PromotionWork.Sql("edited", earlier), ("$columns", columns));
        }

        _database.Run(
            PromotionWork.Sql("plan", shape),
            ("$plan", plan), ("$insert", insert ? 1 : 0), ("$checked", request.SourceNow is null ? 0 : 1));
    }

    private PromotionPlan Summary(PlanRequest request, TargetShape shape, long plan)
    {
        var byOp = _database.List(
            "select op, count(*) from main.muster_plan_row where plan = $plan group by op",
            r => (Op: Ops.Op(r.GetString(0)), Rows: r.GetInt64(1)), ("$plan", plan)).ToDictionary(p => p.Op, p => p.Rows);
        long Of(PromotionOp op) => byOp.GetValueOrDefault(op);
        var counts = new PromotionCounts(
            Of(PromotionOp.Insert), Of(PromotionOp.Update), Of(PromotionOp.Unchanged), Of(PromotionOp.Conflict),
            Of(PromotionOp.SourceChanged), Of(PromotionOp.Missing), Of(PromotionOp.Constraint));
        return new PromotionPlan(
            request.PlanId, request.RunId, work.Shown, Hash(request, plan), work.Time.GetUtcNow(), counts,
            Changes(plan), ReadExamples(shape, plan, byOp));
    }

    private List<ColumnChange> Changes(long plan)
    {
        var sums = string.Join(", ", work.Columns.Select((_, i) => $"ifnull(sum((changes >> {i}) & 1), 0)"));
        return _database.List(
            $"select {sums} from main.muster_plan_row where plan = $plan and op = 'update'",
            r => work.Columns.Select((c, i) => new ColumnChange(c, r.GetInt64(i))).ToList(), ("$plan", plan))[0];
    }

    private List<PromotionExample> ReadExamples(TargetShape shape, long plan, Dictionary<PromotionOp, long> byOp)
    {
        var ops = byOp.Keys.Where(o => o != PromotionOp.Unchanged).Order().ToList();
        var examples = new List<PromotionExample>();
        foreach (var op in ops)
        {
            examples.AddRange(_database.List(
                $"""
                select p.key, p.op, p.detail, case when t.{shape.Key} is not null then {shape.Image("t")} end, p.after
                from (select * from main.muster_plan_row where plan = $plan and op = $op order by key limit $most) p
                left join main.{shape.Name} t on t.{shape.Key} = +p.key collate {shape.Collation} order by p.key
                """,
                ReceiptReader.Example, ("$plan", plan), ("$op", Ops.Word(op)), ("$most", Examples / ops.Count)));
        }

        return examples;
    }

    // Each part is written with its length, so that no two plans run together into the same bytes.
    private string Hash(PlanRequest request, long plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[request.RunId, work.Table, work.ColumnsJson]) Append(hash, Encoding.UTF8.GetBytes(part));
        using var command = _database.Command(
            "select key, op, attempt, before_hash, after_hash, source_hash from main.muster_plan_row where plan = $plan order by key",
            ("$plan", plan));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            Append(hash, Encoding.UTF8.GetBytes(reader.GetString(0)));
            Append(hash, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{reader.GetString(1)}/{reader.GetInt32(2)}")));
            for (var i = 3; i < 6; i++) Append(hash, reader.IsDBNull(i) ? [] : reader.GetFieldValue<byte[]>(i));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
