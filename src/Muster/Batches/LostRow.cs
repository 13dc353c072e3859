namespace Muster.Batches;

/// <summary>What a row says that was lost with its batch, in place of what an earlier attempt said.</summary>
internal static class LostRow
{
    /// <param name="lane">The batch's. What became of a remote batch its reason says.</param>
    public static string? Message(Lane lane) => lane == Lane.Synchronous ? "the process ended before the reply came; the call may be billed" : null;
}
