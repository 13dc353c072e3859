using Muster.Evals;
using Muster.Pilots;

namespace Muster.Runs;

/// <summary>One execution of a job over its source.</summary>
public sealed record Run
{
    public required long Id { get; init; }

    /// <summary>What people call it: <c>r-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Six Crockford characters that stand in every <c>custom_id</c> of the run.</summary>
    public required string Tag { get; init; }

    public required string Job { get; init; }
    public required string JobVersion { get; init; }

    /// <summary>The job as it was when the run opened; a run is resumed with this, whatever the file says by then.</summary>
    public required string Snapshot { get; init; }

    public required string Kind { get; init; }
    public required RunState State { get; init; }

    /// <summary>Why the run is paused or held: a reason code and what was seen.</summary>
    public string? Why { get; init; }

    /// <summary>What the source looked like when the run opened.</summary>
    public required string Fingerprint { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Source records recorded so far, faulty and repeated ones included.</summary>
    public long Records { get; init; }

    /// <summary>Records whose content equals an earlier row's and that are asked once with it.</summary>
    public long Merged { get; init; }

    /// <summary>Rows that were asked and failed for good: quarantined, errored, expired or canceled, without those refused before asking.</summary>
    public long Failed { get; init; }

    /// <summary>A full run that was opened although no pilot of its version was locked.</summary>
    public bool Unpiloted { get; init; }

    /// <summary>Cases of an eval set ride in its batches; they are no rows of it.</summary>
    internal bool CarriesGold { get; init; }
}

internal sealed record RunOpening(
    string Job, string JobVersion, string Snapshot, string Kind, string Fingerprint, IReadOnlyList<string> Columns, string Tag,
    DateTimeOffset At)
{
    /// <summary>The rows to ask; null for all.</summary>
    public RunPick? Pick { get; init; }

    public bool Unpiloted { get; init; }

    /// <summary>The eval set whose cases it asks or carries; null for none.</summary>
    public StoredEvalSet? EvalSet { get; init; }

    /// <summary>The cases ride in the batches, as gold rows.</summary>
    public bool CarriesGold { get; init; }
}
