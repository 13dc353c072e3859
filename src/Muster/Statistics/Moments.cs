using MathNet.Numerics.Distributions;

namespace Muster.Statistics;

/// <summary>Running sums of a quantity, from which mean and spread follow without the values.</summary>
internal readonly record struct Moments(long N, double Sum, double Squares)
{
    public double Mean => N == 0 ? 0 : Sum / N;

    public double Variance => N < 2 ? 0 : Math.Max(0, (Squares - Sum * Sum / N) / (N - 1));

    /// <summary>Variance of the mean.</summary>
    public double Error => N == 0 ? 0 : Variance / N;

    public Moments With(double value) => new(N + 1, Sum + value, Squares + value * value);

    /// <summary>The chance of means at least so different when both are equal (normal approximation).</summary>
    public static double P(Moments current, Moments reference, Tail tail)
    {
        var error = Math.Sqrt(current.Error + reference.Error);
        var gap = current.Mean - reference.Mean;
        if (error == 0)
            return gap == 0 ? 1 : tail is Tail.Either || gap > 0 == tail is Tail.Greater ? 0 : 1;
        return tail switch
        {
            Tail.Greater => Normal.CDF(0, 1, -gap / error),
            Tail.Less => Normal.CDF(0, 1, gap / error),
            _ => 2 * Normal.CDF(0, 1, -Math.Abs(gap) / error),
        };
    }
}
