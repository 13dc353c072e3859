using Muster.Checks;
using Muster.Jobs;
using Muster.Runs;

namespace Muster.Selections;

/// <param name="Definition">What the rows are asked with; its version may be another than the run's.</param>
/// <param name="Run">The full run whose rows are selected from, or a rerun of it; null for the newest full run.</param>
internal sealed record RerunRequest(Job Definition, Selector Selector, string? Run = null)
{
    /// <summary>The hash that a plan showed: another selection is refused. Null does not ask.</summary>
    public string? Hash { get; init; }

    /// <summary>Who asks; an issue that the selector names and nobody looks after is theirs.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Whether every row of the run may be asked again.</summary>
    public bool MayBeEverything { get; init; }

    /// <summary>Whether every row may be asked with a version that no locked pilot stands for.</summary>
    public bool Unpiloted { get; init; }
}

/// <summary>What a rerun would ask, cost and take the place of. Nothing is written.</summary>
/// <param name="Full">The full run whose rows are asked again.</param>
/// <param name="Frozen">The rows as they were frozen.</param>
/// <param name="Total">Rows of the full run.</param>
/// <param name="Forecast">Null when no row can be asked.</param>
/// <param name="SetAside">Rows of which no request can be made: they cost nothing and end in quarantine.</param>
/// <param name="SourceChange">What is different about the source since the full run; null when nothing is.</param>
/// <param name="Superseded">Accepted outputs that answers of the rerun take the place of.</param>
internal sealed record RerunPlan(
    Run Full, string Version, Selector Selector, FrozenRows Frozen, long Total, Forecast? Forecast, long SetAside, string? SourceChange, IReadOnlyList<SupersededRows> Superseded)
{
    /// <summary>True when the rows are asked otherwise than the full run asked them.</summary>
    public bool IsOtherVersion => Version != Full.JobVersion;

    /// <summary>True when every row would be asked with a version whose pilot is not locked, which the job wants.</summary>
    public bool NeedsPilot { get; init; }
}

/// <param name="Promotions">Live promotions of the run; empty when its outputs are staged alone.</param>
/// <param name="TakenBack">Promotions of the run that were rolled back.</param>
internal sealed record SupersededRows(string Run, long Rows, long Accepted, IReadOnlyList<string> Promotions, IReadOnlyList<string> TakenBack);

/// <summary>A rerun cannot be planned or opened as asked; nothing was sent.</summary>
/// <param name="exitCode">Of the process that ends with it.</param>
internal sealed class RerunException(string message, string hint, int exitCode = ExitCodes.Usage) : MusterException(message, hint)
{
    public override int ExitCode => exitCode;
}
