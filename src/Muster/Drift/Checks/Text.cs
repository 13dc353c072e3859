using Muster.Statistics;

namespace Muster.Drift.Checks;

/// <summary>Numbers as findings say them.</summary>
internal static class Text
{
    public const string NoReference = "There is no accepted run to compare with.";

    public static string Percent(double share) => double.IsFinite(share) ? $"{100 * share:0.0#} %" : "unknown";

    public static string Of(Share share) => Percent(share.Value);

    public static string Points(Interval difference) => $"{100 * difference.Low:+0.0#;−0.0#} to {100 * difference.High:+0.0#;−0.0#} points at 95 %";

    public static string Change(double ratio) => $"{100 * (ratio - 1):+0.#;−0.#;0} %";
}
