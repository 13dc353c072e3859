using System.Globalization;
using Muster.Claude;
using Muster.Runs;

namespace Muster.Cli.Output;

/// <summary>One line of progress for pipes and logs: greppable, without colours, carriage returns or row content.</summary>
internal static class PlainLine
{
    public static string Of(RunEvent change, RunReport? report) =>
        $"{Stamp(change.At)} {change.Run} {Figures.Snake(change.Kind)}{(change.Batch is null ? "" : $" {change.Batch}")}{Numbers(report)} {Figures.Clean(change.Text)}";

    public static string Of(DateTimeOffset now, RunReport report) =>
        $"{Stamp(now)} {report.Run.Name} {Figures.Snake(report.Run.State)}{Numbers(report)}";

    private static string Numbers(RunReport? report)
    {
        if (report is null)
            return "";
        var ledger = report.Ledger;
        var share = ledger.Rows > 0 ? report.ClosedRows * 100 / ledger.Rows : 0;
        var eta = report.Turnaround?.Eta(report.Batches) is { } at ? $" eta={at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)}Z" : "";
        return $" batch={report.SettledBatches}/{report.Sent.Count()} rows={report.ClosedRows}/{ledger.Rows} {share}% ok={ledger.Succeeded}"
            + $" quar={ledger.Quarantined} human={ledger.HumanQueued} open={ledger.Open}"
            + $" usd={Usd.Of(report.Spend.CostPicoUsd).ToString("0.00##", CultureInfo.InvariantCulture)}{(report.Spend.Unpriced > 0 ? "+unknown" : "")}{eta}";
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
