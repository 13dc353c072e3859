namespace Muster.Drift;

/// <summary>One question about a run as a whole. Pure: the same input gives the same measurements.</summary>
internal interface ICheck
{
    string Id { get; }

    string Title { get; }

    /// <summary>At least one measurement, if only to say that there is no answer.</summary>
    IEnumerable<Measurement> Measure(DriftInput input);
}
