using Muster.Requests;

namespace Muster.Batches;

/// <summary>A row about to be asked: everything its request is rendered from.</summary>
/// <param name="Attempt">The number of the request being made, from 1.</param>
/// <param name="Message">For <see cref="VariantKind.Reask"/>: why the last answer was rejected.</param>
/// <param name="IdPart">The key's part of the <c>custom_id</c> where it is not the key itself; null while unsealed.</param>
internal sealed record AskRow(long RowId, string Key, int Attempt, VariantKind Variant, string? Message, ReadOnlyMemory<byte> Input, string? IdPart);

/// <summary>A row that cannot be asked.</summary>
internal sealed record SetAside(long RowId, string Reason, string Detail);
