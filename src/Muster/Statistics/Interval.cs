namespace Muster.Statistics;

/// <summary>A range that holds the true value with a stated confidence; 95 % unless a caller says otherwise.</summary>
internal readonly record struct Interval(double Low, double High)
{
    public bool Contains(double value) => value >= Low && value <= High;
}
