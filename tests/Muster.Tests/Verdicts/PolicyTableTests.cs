using System.Text;
using System.Text.Json;
using Muster.Requests;
using Muster.Runs;
using Muster.Verdicts;

namespace Muster.Tests.Verdicts;

/// <summary>docs/failure-policy.md has the table of the code; it is written anew by running this with <c>MUSTER_APPROVE=1</c>.</summary>
public sealed class PolicyTableTests
{
    private const string Start = "<!-- failure policy: written by PolicyTableTests -->";
    private const string End = "<!-- end of failure policy -->";

    [Fact]
    public void The_documented_table_is_that_of_the_code()
    {
        var path = Path.Combine(Root(), "docs", "failure-policy.md");
        var text = File.ReadAllText(path);
        var (from, to) = (text.IndexOf(Start, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        from.ShouldBeGreaterThan(0, Start);
        to.ShouldBeGreaterThan(from, End);
        var table = Start + "\n" + Table() + End;
        if (Environment.GetEnvironmentVariable("MUSTER_APPROVE") == "1")
        {
            File.WriteAllText(path, text[..from] + table + text[(to + End.Length)..]);
            return;
        }

        text[from..(to + End.Length)].ShouldBe(table, "run this with MUSTER_APPROVE=1 to write the table anew");
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
            (row.Burns == Burns.Nothing).ShouldBe(row.Chances is Chances.UntilTheAccountHolds or Chances.UntilItIsTaken, cause.ToString());
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

    private static string Table()
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
