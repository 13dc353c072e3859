using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>
/// A8: outputs became longer or shorter for their inputs: all of them (the median shift), or a part of them, which the median does not
/// see and which shows as rows outside the reference's middle 98 %.
/// </summary>
internal sealed class LengthRatioCheck : ICheck
{
    private const long MinRows = 100;
    private const double TailShare = 0.01;
    private static readonly Floors Shift = new(0.10, 0.25);
    private static readonly Floors Outside = new(0.02, 0.10);

    public string Id => "A8";

    public string Title => "length of the output against the input";

    public IEnumerable<Measurement> Measure(DriftInput input)
    {
        if (input.Reference is not { } reference)
            return [Measurement.None(Id, "", Text.NoReference)];
        Histogram now = new([.. input.Current.LengthRatios]), before = new([.. reference.LengthRatios]);
        var n = Math.Min(now.N, before.N);
        if (n == 0)
            return [Measurement.None(Id, "", "There are no outputs beside inputs.")];
        var ratio = Math.Exp(now.ShiftFrom(before));
        int low = before.BinAt(TailShare), high = before.BinAt(1 - TailShare);
        return
        [
            new Measurement(Id, "", "", Text.Change(ratio), "0 %", $"Outputs are {Text.Change(ratio)} long against their inputs' length, in the median.")
            {
                P = now.PAgainst(before), Effect = Math.Max(ratio, 1 / ratio) - 1, Floors = Shift, N = n, MinN = MinRows,
            },
            ShareRise.Of(Id, "", new Share(now.Outside(low, high), now.N), new Share(before.Outside(low, high), before.N), Outside, MinRows,
                "The output is shorter or longer than 98 % of the reference's"),
        ];
    }
}
