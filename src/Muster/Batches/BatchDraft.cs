namespace Muster.Batches;

/// <summary>A batch as it would be sent, rendered once to know its size and fingerprint.</summary>
internal sealed record BatchDraft(
    string Nonce, int Requests, long LastRowId, long BodyBytes, string BodySha256, IReadOnlyList<HashedId> HashedIds,
    IReadOnlyList<SetAside> SetAside, bool MoreFollow);
