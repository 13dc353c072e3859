namespace Muster.Drift.Checks;

/// <summary>A1: the rows that were profiled are those of the run, each once.</summary>
internal sealed class LedgerCheck : ICheck
{
    public string Id => "A1";

    public string Title => "ledger";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Ledger is not { } ledger)
            return [Measurement.None(Id, "", "The ledger's count of rows was not given.")];
        var isSame = ledger.Rows == input.Current.Rows && (ledger.KeySum ?? input.Current.KeySum) == input.Current.KeySum;
        var sentence = isSame && ledger.KeySum is null ? "As many rows were profiled as the ledger has; some were purged, so their keys are not compared."
            : isSame ? "Every row is there once."
            : ledger.Rows != input.Current.Rows ? $"{input.Current.Rows:N0} rows were profiled where the ledger has {ledger.Rows:N0}."
            : "As many rows were profiled as the ledger has, but not the same ones: some are missing and others counted twice.";
        return
        [
            new Measurement(Id, "", "", $"{input.Current.Rows:N0} rows", $"{ledger.Rows:N0} rows", sentence) { Given = isSame ? Severity.Ok : Severity.Block },
        ];
    }
}
