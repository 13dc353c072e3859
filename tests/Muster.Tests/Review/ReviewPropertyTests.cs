using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muster.Review;
using Muster.Runs;
using Muster.Stores.Sqlite;

namespace Muster.Tests.Review;

public sealed class ReviewPropertyTests
{
    private static readonly RowState[] States =
        [RowState.Succeeded, RowState.Succeeded, RowState.Quarantined, RowState.Quarantined, RowState.HumanQueued, RowState.HumanQueued, RowState.Errored, RowState.Expired];

    private sealed record Step(Decision Action, int FirstRow, int Rows, bool Undoes);

    /// <summary>Whatever people decide in whatever order, refusals included: the books balance after each, and taking everything back restores each row.</summary>
    [Fact]
    public async Task The_ledger_balances_after_any_decisions_and_taking_them_back_restores_everything()
    {
        var folder = await ReviewFolder.CreateAsync(States);
        await using var store = folder.Open();
        store.FillReview(1, new ReviewWants(0.15, 1, 1), ReviewFolder.Start);
        var steps = (from action in Gen.Elements(Decision.Accept, Decision.Edit, Decision.Reject, Decision.Rerun, Decision.Waive)
                     from first in Gen.Choose(1, States.Length)
                     from rows in Gen.Choose(1, 3)
                     from undoes in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
                     select new Step(action, first, rows, undoes)).NonEmptyListOf().Select(list => list.Take(12).ToList());
        var whole = Rows(folder);
        long second = 0;
        DateTimeOffset Tick() => ReviewFolder.Start.AddSeconds(++second);

        Prop.ForAll(steps.ToArbitrary(), script =>
        {
            var live = new Stack<long>();
            foreach (var step in script)
            {
                if (step.Undoes && live.TryPop(out var last))
                    store.Undo(store.FindDecision(last)!, "bob", Tick()).ShouldBeOfType<RulingOutcome.Made>();
                else if (store.Decide(Decided(step, Tick())) is RulingOutcome.Made made)
                    live.Push(MadeDecision.NumberOf(made.Decision!)!.Value);
                Balances(store);
            }

            while (live.TryPop(out var left))
            {
                store.Undo(store.FindDecision(left)!, "bob", Tick()).ShouldBeOfType<RulingOutcome.Made>();
                Balances(store);
            }

            return Rows(folder) == whole;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private static RowsDecision Decided(Step step, DateTimeOffset at) => new(1, step.Action, "ada", at,
        [.. Enumerable.Range(step.FirstRow, step.Rows).Where(row => row <= States.Length).Select(row => new RowDecision(row, 1, step.Action is Decision.Accept or Decision.Edit ? Encoding.UTF8.GetBytes($$"""{"row":{{row}}}""") : default(ReadOnlyMemory<byte>)))])
    {
        Reason = step.Action == Decision.Reject ? RejectReasons.CodeOf("wrong") : null, SkipsRefused = step.Rows == 2,
    };

    private static void Balances(SqliteStore store)
    {
        store.LedgerAsync(1).Result.Balances.ShouldBeTrue();
        store.AuditAsync(1).Result.ShouldBeEmpty();
    }

    private static string Rows(ReviewFolder folder) => folder.Dump("decision", "decided_row", "review_event", "review_vote");
}
