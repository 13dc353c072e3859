using System.Security.Cryptography;
using System.Text.Json;

namespace Muster.Promotion;

/// <summary>The file as a table of the sidecar: read into it when the file changed, and written from it.</summary>
internal sealed class FileTable(TargetDatabase database, FileForm form, string path, string keyColumn)
{
    internal const string Name = "muster_file";

    private IReadOnlyList<string> _columns = [];

    /// <summary>Brings the table up to the file. A file that is missing is an empty one.</summary>
    internal void Load(IReadOnlyList<string> columns)
    {
        var hash = HashOf(path);
        // The job's columns are there; those of earlier promotions may be gone.
        _columns = [.. columns.Except(Missing(form, path, keyColumn, columns))];
        var signature = JsonSerializer.Serialize(_columns.Prepend(keyColumn));
        if (Header(hash, signature) is { } known)
        {
            form.Start(known, keyColumn, _columns);
            return;
        }

        database.Run("begin immediate");
        database.Run($"drop table if exists main.{Name}; create table main.{Name} (muster_line integer primary key, muster_record blob not null "
            + $"default x'', muster_was text, {Identifier.Quote(keyColumn)} text unique, "
            + string.Join(", ", _columns.Select(c => Identifier.Quote(c) + " text")) + ")");
        var header = File.Exists(path) ? Import(out hash) : [];
        form.Start(header, keyColumn, _columns);
        database.Run(
            $"update main.{Name} set muster_was = {Image()}; "
            + "insert or replace into main.muster_file_state (one, hash, signature, header) values (1, $hash, $signature, $header)",
            ("$hash", hash), ("$signature", signature), ("$header", header));
        database.Run("commit");
    }

    /// <summary>Writes the table as a file, flushed to the disk.</summary>
    /// <returns>SHA-256 of what was written, in hex.</returns>
    internal string Export(string to)
    {
        var header = database.Scalar<byte[]>("select header from main.muster_file_state") ?? [];
        using var hash = SHA256.Create();
        using var file = OwnerOnly.Write(to);
        using (var output = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
        using (var buffered = new BufferedStream(output, 1 << 16))
        {
            if (header.Length == 0) form.WriteHeader(buffered);
            else buffered.Write(header);
            WriteRows(buffered);
        }

        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.Hash!);
    }

    internal string LoadedHash() => database.Scalar<string>("select hash from main.muster_file_state") ?? "";

    /// <summary>SHA-256 of a file in hex; the empty text when there is none.</summary>
    internal static string HashOf(string path)
    {
        if (!File.Exists(path)) return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Which of the key and the columns the file's header lacks.</summary>
    internal static IReadOnlyList<string> Missing(FileForm form, string path, string keyColumn, IReadOnlyList<string> columns)
    {
        if (!File.Exists(path)) return [];
        using var records = Open(form, path);
        records.Next(out var first);
        return form.Start(first, keyColumn, columns);
    }

    private static RecordStream Open(FileForm form, string path) =>
        new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), form.End);

    private byte[]? Header(string hash, string signature) => database.List(
        "select header from main.muster_file_state where hash = $hash and signature = $signature",
        r => r.GetFieldValue<byte[]>(0), ("$hash", hash), ("$signature", signature)).FirstOrDefault();

    private byte[] Import(out string hash)
    {
        var places = string.Join(", ", _columns.Select(Identifier.Quote));
        var marks = string.Concat(Enumerable.Repeat(", ?", _columns.Count));
        using var records = Open(form, path);
        byte[] header = [];
        if (form.HasHeader && records.Next(out var first))
        {
            header = first.EndsWith("\n"u8) ? first.ToArray() : [.. first, .. "\r\n"u8];
        }

        form.Start(header, keyColumn, _columns);
        var values = new OutputValues(_columns.Count);
        using (var insert = new BulkInsert(
            database, $"insert into main.{Name} (muster_record, {Identifier.Quote(keyColumn)}, {places}) values (?, ?{marks})"))
        {
            while (records.Next(out var record))
            {
                insert.Blob(1, record);
                try
                {
                    insert.Text(2, form.Read(record, values));
                    for (var i = 0; i < values.Count; i++) insert.Value(3 + i, values, i);
                    insert.Step();
                }
                catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
                {
                    throw new TargetException($"{path}:{records.Line} cannot be read: {e.Message}.", "Correct the line, then plan again.", e);
                }
                catch (Microsoft.Data.Sqlite.SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_CONSTRAINT)
                {
                    throw new TargetException(
                        $"{path}:{records.Line} repeats a key of an earlier line.", $"Make {Identifier.Show(keyColumn)} unique in the file.", e);
                }
            }
        }

        hash = records.Hash();
        return header;
    }

    private string Image() => TargetShape.Of(database, Name, keyColumn, _columns).Image(Name);

    private void WriteRows(Stream output)
    {
        using var command = database.Command(
            $"select muster_record, {Image()} is muster_was, {Identifier.Quote(keyColumn)}, {string.Join(", ", _columns.Select(Identifier.Quote))} "
            + $"from main.{Name} order by muster_line");
        using var reader = command.ExecuteReader();
        var values = new string?[_columns.Count];
        var ended = true;
        while (reader.Read())
        {
            if (!ended) output.Write(form.NewLine);
            var record = reader.GetFieldValue<byte[]>(0);
            if (record.Length > 0 && reader.GetInt64(1) != 0)
            {
                output.Write(record);
                ended = record[^1] == '\n';
                continue;
            }

            for (var i = 0; i < values.Length; i++) values[i] = ReceiptReader.Text(reader, 3 + i);
            form.Write(output, record, reader.GetString(2), values);
            ended = true;
        }
    }
}
