namespace Muster.Promotion;

/// <summary>How a kind of file holds rows: what is a record's key, what are its managed values, and how they are replaced.</summary>
internal abstract class FileForm
{
    internal abstract RecordEnd End { get; }
    internal abstract ValueForm Values { get; }

    /// <summary>What ends a record that has no end yet.</summary>
    internal abstract ReadOnlySpan<byte> NewLine { get; }

    /// <summary>True when the first record names the columns.</summary>
    internal abstract bool HasHeader { get; }

    /// <summary>Reads the header, or the lack of one.</summary>
    /// <returns>The names that it lacks.</returns>
    internal abstract IReadOnlyList<string> Start(ReadOnlySpan<byte> header, string keyColumn, IReadOnlyList<string> columns);

    /// <summary>Reads one record.</summary>
    /// <returns>The key, or null for a record without one, which is kept as it is.</returns>
    internal abstract string? Read(ReadOnlySpan<byte> record, OutputValues values);

    /// <summary>The header of a file that has none yet.</summary>
    internal abstract void WriteHeader(Stream output);

    /// <summary>Writes a record with other values in its managed places; an empty record is a new row.</summary>
    internal abstract void Write(Stream output, ReadOnlySpan<byte> record, string key, IReadOnlyList<string?> values);
}
