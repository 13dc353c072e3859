namespace Muster.Results;

internal static class ResultDefaults
{
    /// <summary>The API's answers stay below 2 MB; what is longer is an attack or a fault, and is passed over while streaming.</summary>
    public const int MaxLineBytes = 32 << 20;

    /// <summary>Verdicts recorded in one transaction: few enough to be collected while young, enough that the commit is not what costs.</summary>
    public const int ChunkRows = 4_000;

    /// <summary>Output bytes held before they are recorded.</summary>
    public const int ChunkBytes = 16 << 20;

    /// <summary>Whole downloads tried in a row before the batch waits for its next turn.</summary>
    public const int Downloads = 3;
}
