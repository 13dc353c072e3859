namespace Muster.Reports.Charts;

/// <summary>A straight scale from zero with round steps.</summary>
internal sealed record Axis(double Max, double Step)
{
    /// <summary>Zero, the steps, and the end.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            for (var i = 0; i <= (int)Math.Round(Max / Step); i++)
                yield return i * Step;
        }
    }

    /// <param name="largest">The largest value that is drawn; what is not a positive number gives a scale to one.</param>
    /// <param name="steps">At most about so many.</param>
    public static Axis Of(double largest, int steps)
    {
        var max = double.IsFinite(largest) && largest > 0 ? largest : 1;
        var rough = max / Math.Max(1, steps);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 } * power;
        return new Axis(Math.Ceiling((max / step) - 1e-9) * step, step);
    }

    /// <summary>0 to 1.</summary>
    public double Share(double value) => double.IsFinite(value) ? Math.Clamp(value / Max, 0, 1) : 0;
}
