using Muster.Evals;

namespace Muster.Batches;

/// <summary>A batch as it would be sent, rendered once to know its size and fingerprint.</summary>
internal sealed record BatchDraft(
    string Nonce, int Requests, long LastRowId, long BodyBytes, string BodySha256, IReadOnlyList<HashedId> HashedIds,
    IReadOnlyList<SetAside> SetAside, bool MoreFollow)
{
    /// <summary>The gold rows among its requests.</summary>
    public IReadOnlyList<GoldRider> Gold { get; init; } = [];

    /// <summary>Requests of the run's own rows.</summary>
    public int Rows => Requests - Gold.Count;
}
