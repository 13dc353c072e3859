using Muster.Runs;

namespace Muster.Tests.Runs;

public sealed class AmountTests
{
    [Theory]
    [InlineData(0, "0 ids")]
    [InlineData(1, "1 id")]
    [InlineData(999, "999 ids")]
    [InlineData(1_000, "1 000 ids")]
    [InlineData(1_234_567, "1 234 567 ids")]
    public void A_number_is_grouped_and_its_noun_agrees(long count, string text) => Amount.Of(count, "id").ShouldBe(text);

    [Fact]
    public void A_ledger_is_written_as_the_terminal_writes_it() =>
        new Ledger(20_000, 18_000, 0, 0, 0, 1, 0, 999, 1_000).ToString().ShouldBe(
            "20 000 rows = 18 000 succeeded + 0 errored + 0 expired + 0 canceled + 1 quarantined + 0 human-queued + 1 999 open");

    [Fact]
    public async Task A_batch_of_one_request_has_one_id_one_line_and_one_result()
    {
        await using var trial = await Trial.StartAsync(rows: Some.Rows(1));
        var applied = "";
        trial.Heard.OnEvent = e => applied = e.Kind == RunEventKind.BatchSettled ? e.Text : applied;
        await trial.ShouldBeDoneAsync(await trial.RunAsync());

        await using var store = trial.Read();
        var books = await new Reconciler(store, TimeProvider.System).ReconcileAsync(null, "offline", null, TestContext.Current.CancellationToken);

        applied.ShouldBe("1 result applied");
        books.Equations.Single(equation => equation.Of == "b-1").Text
            .ShouldBe("1 id sent = 1 counted by the remote = 1 result line = 1 distinct id");
    }
}
