namespace Muster.Jobs;

/// <summary>Where something stands.</summary>
internal readonly record struct Place(string File, int Line, int Column);

/// <summary>Collects the faults of one job file, so that all are told at once.</summary>
internal sealed class FaultList(string path)
{
    private const int MaxFaults = 100;

    private readonly List<JobFault> faults = [];

    public int Count => faults.Count;

    public void Add(Place place, string field, string message, string hint)
    {
        if (faults.Count < MaxFaults)
        {
            faults.Add(new JobFault(place.File, place.Line, place.Column, field, message, hint));
        }
    }

    public JobFileException ToException() =>
        new(path, [.. faults.OrderBy(f => f.File == path ? 0 : 1).ThenBy(f => f.Line).ThenBy(f => f.Column)]);

    public void ThrowIfAny()
    {
        if (faults.Count > 0)
        {
            throw ToException();
        }
    }
}
