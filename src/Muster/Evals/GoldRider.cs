using Muster.Batches;

namespace Muster.Evals;

/// <summary>A gold row that rides in a batch.</summary>
/// <param name="Line">Where it is from, for people: the set and the case.</param>
/// <param name="IsNew">False for one that waits to be asked again, or whose batch was withdrawn.</param>
internal sealed record GoldRider(AskRow Row, string Line, bool IsNew);
