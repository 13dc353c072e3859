using System.Security.Cryptography;

namespace Muster.Sources;

/// <summary>
/// A stream of rows. Opening it reads the columns; enumerating yields one <see cref="SourceRow"/> per record, in source order,
/// without holding the file. A record that cannot be used is a row with a fault, never an exception; a file that cannot be used
/// throws <see cref="SourceException"/>.
/// </summary>
public interface ISource : IAsyncDisposable
{
    /// <summary>The columns' names in source order. For JSONL these are the names of the first 1,000 records.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Rows from the top; <paramref name="skip"/> records are passed over without being decoded further than needed.</summary>
    IAsyncEnumerable<SourceRow> ReadAsync(long skip = 0, CancellationToken cancellationToken = default);
}

/// <summary>One record of the source.</summary>
/// <param name="Line">Where it starts: file name and line, as <c>products.csv:17</c>, or <c>row 17</c> of a query.</param>
/// <param name="Key">The row's key; null when <paramref name="Fault"/> says why there is none. A faulted row carries it where it could be read.</param>
/// <param name="Input">
/// The record's values as UTF-8 JSON: an array in the order of <see cref="ISource.Columns"/>, values as JSON strings or, where the
/// source is typed, as raw JSON values; null for absent. Empty when there is a <paramref name="Fault"/>.
/// </param>
/// <param name="Fault">Why the row cannot be asked, or null.</param>
public sealed record SourceRow(string Line, string? Key, ReadOnlyMemory<byte> Input, SourceFault? Fault = null)
{
    /// <summary>The first 16 bytes of SHA-256 over <see cref="Input"/>: equal values in equal columns hash alike on every platform.</summary>
    public static byte[] SourceHash(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return hash[..16].ToArray();
    }
}

/// <param name="Reason">A code of <see cref="Verdicts.Reasons"/> with its detail, as <c>REQ.BAD_RECORD.ragged</c>.</param>
/// <param name="Detail">What was found, cut and escaped, for a person; <see cref="SourceRow.Line"/> says where.</param>
public sealed record SourceFault(string Reason, string Detail);

/// <summary>The source as a whole cannot be used: it is missing, unreadable, of another form, or lacks a column.</summary>
public sealed class SourceException(string message, string hint, Exception? inner = null) : MusterException(message, hint, inner);
