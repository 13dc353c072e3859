using System.Text;
using System.Text.Json;
using Muster.Requests;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Tests.Verdicts;

/// <summary>docs/failure-policy.md has the two tables of the code; they are written anew by running this with <c>MUSTER_APPROVE=1</c>.</summary>
public sealed class PolicyTableTests
{
    [Fact]
    public void The_documented_table_of_rows_is_that_of_the_code() => Compare("failure policy", Rows());

    [Fact]
    public void The_documented_table_of_calls_is_that_of_the_code() => Compare("call policy", Calls());

    private static void Compare(string name, string table)
    {
        var (start, end) = ($"<!-- {name}: written by PolicyTableTests -->\n", $"<!-- end of {name} -->");
        var path = Path.Combine(Root(), "docs", "failure-policy.md");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(start, StringComparison.Ordinal) + start.Length, text.IndexOf(end, StringComparison.Ordinal));
        from.ShouldBeGreaterThan(start.Length, start);
        to.ShouldBeGreaterThanOrEqualTo(from, end);
        if (Environment.GetEnvironmentVariable("MUSTER_APPROVE") == "1")
        {
            File.WriteAllText(path, text[..from] + table + text[to..]);
            return;
        }

        text[from..to].ShouldBe(table, "run this with MUSTER_APPROVE=1 to write the table anew");
    }

    [Fact]
    public void The_columns_of_a_row_agree_with_each_other()
    {
        foreach (var cause in Enum.GetValues<Cause>())
        {
            var row = FailurePolicy.RowOf(cause);

            (row.First == Retry.No).ShouldBe(row.Chances == Chances.None, cause.ToString());
            (row.First == Retry.Changed).ShouldBe(row.Change is not null, cause.ToString());
            row.First.ShouldNotBe(Retry.NextTier, cause.ToString());
            row.Then.ShouldBeOneOf(Retry.No, Retry.NextTier, Retry.SynchronousLane);
            (row.Then == Retry.SynchronousLane).ShouldBe(row is { Fault: Fault.Platform, Chances: Chances.WhileAttemptsLast }, cause.ToString());
            row.PausesRun.ShouldBe(row.Fault == Fault.Account, cause.ToString());
            (row.Burns == Burns.Nothing).ShouldBe(row.Chances is Chances.UntilTheAccountHolds or Chances.UntilItIsTaken || row.Fault == Fault.Instrument, cause.ToString());
            row.Burns.HasFlag(Burns.Row).ShouldBe(row.End is RowState.Errored or RowState.Expired or RowState.Canceled or RowState.Quarantined
                && row.Fault != Fault.Operator, cause.ToString());
            row.Burns.HasFlag(Burns.Batch).ShouldBe(row.Then == Retry.SynchronousLane && cause != Cause.CanceledByRemote, cause.ToString());
            row.Burns.HasFlag(Burns.Try).ShouldBe(row.Fault == Fault.Model || cause == Cause.MaxTokens, cause.ToString());
            // What the platform or the account failed is not billed, and no row is quarantined for it.
            if (row.Fault is Fault.Platform or Fault.Account)
            {
                // A call that left without a reply may be billed.
                row.Burns.HasFlag(Burns.Money).ShouldBe(cause == Cause.ReplyLost, cause.ToString());
                row.End.ShouldNotBe(RowState.Quarantined, cause.ToString());
            }
        }
    }

    private static string Rows()
    {
        var table = new StringBuilder("| cause | fault | retry | how often | then | burns | ends as | reason |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var cause in Enum.GetValues<Cause>())
        {
            var row = FailurePolicy.RowOf(cause);
            table.Append($"| {Words(cause)} | {Words(row.Fault)} | {How(row)} | {Often(row.Chances)} | {(row.Then == Retry.No ? "" : Words(row.Then))} | {Words(row.Burns)} "
                + $"| {(row.PausesRun ? "pending; the run pauses" : Words(row.End))} | {(row.Reason.Length == 0 ? "" : $"`{row.Reason}`")} |\n");
        }

        return table.ToString();
    }

    private static string Calls()
    {
        var table = new StringBuilder("| call | trouble | fault | at first | in a row | over | then | reason |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var call in Enum.GetValues<RemoteCall>())
        {
            foreach (var trouble in Enum.GetValues<Trouble>().Where(trouble => CallPolicy.Knows(call, trouble)))
            {
                var rule = CallPolicy.Of(call, trouble);
                table.Append($"| {Words(call)} | {Words(trouble)} | {Words(rule.Fault)} | {Words(rule.First)} | {rule.Patience?.Times} | {(rule.Patience is { } patience ? Time(patience) : "")} "
                    + $"| {(rule.Then is { } then ? Words(then) : "")} | {(rule.Reason.Length == 0 ? "" : $"`{rule.Reason}`")} |\n");
            }
        }

        return table.ToString();
    }

    private static string Time(Patience patience) =>
        patience.QuietPeriods > 0 ? $"{patience.QuietPeriods} quiet periods"
        : patience.Over > TimeSpan.Zero ? $"{patience.Over.TotalMinutes:0} min"
        : "";

    private static string How(PolicyRow row) => row.Change switch
    {
        VariantKind.LargerCap => "changed: larger cap",
        VariantKind.Reask => "changed: with the message, if the job says so",
        _ => Words(row.First),
    };

    private static string Often(Chances chances) => chances switch
    {
        Chances.None => "",
        Chances.Once => "once at its tier",
        Chances.WhileAttemptsLast => "while attempts last",
        Chances.UntilItIsTaken => "when the lane goes on",
        _ => "when the run goes on",
    };

    private static string Words<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()).Replace(",_", ", ").Replace('_', ' ');

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Muster.slnx")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
