using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;
using Muster.Jobs;
using Muster.Simulation.Scheduling;

namespace Muster.Simulation.Promoting;

/// <summary>
/// The target: a real SQLite table that holds rows before anything is promoted, a connection that looks at it as any program would,
/// and another program that edits it.
/// </summary>
internal sealed class LiveTable : IDisposable
{
    private readonly World world;
    private readonly string path;
    private readonly byte[] asMade;
    private readonly byte[] asRead;
    private readonly SafeFileHandle file;
    private readonly HashSet<string> looked = [];
    private readonly string[] keys;
    private readonly List<SqliteCommand> commands = [];
    private SqliteConnection? reader;
    private SqliteConnection? others;
    private SqliteCommand? version;
    private SqliteCommand? rows;
    private SqliteCommand? receipts;
    private long lastVersion = -1;
    private string lastSeen = "";
    private string expected = "";

    public LiveTable(World world, Dice dice, string folder, int sourceRows)
    {
        (this.world, path) = (world, Path.Combine(folder, "catalog.db"));
        Spec = new TargetSpec(TargetKind.Sqlite, path, "sku", [new ColumnSpec("category", "/category"), new ColumnSpec("summary", "/summary")])
        {
            Table = "products", Insert = !dice.Hit(0.15),
        };
        keys = [.. Enumerable.Range(1, sourceRows).Select(Scenario.Key)];
        State = TargetState.Draw(dice, keys, Spec.Insert);
        Fill();
        asMade = File.ReadAllBytes(path);
        asRead = new byte[asMade.Length + 1];
        file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    public TargetSpec Spec { get; }

    /// <summary>What anyone may see now: neither more nor less.</summary>
    public TargetState State
    {
        get;
        set
        {
            field = value;
            expected = value.Text();
        }
    }

    /// <summary>Counts a seed in which the checker had something to look at.</summary>
    public void Looked(string checker)
    {
        if (looked.Add(checker))
            world.Trace.Count(FaultMatrix.Checked(checker));
    }

    /// <summary>G5, while nothing is promoted: the file is as it was made. When its bytes are others, its rows decide.</summary>
    public void LookUntouched(string where)
    {
        Looked("NothingLiveWithoutPromotion");
        if (RandomAccess.Read(file, asRead, 0) != asMade.Length || !asRead.AsSpan(0, asMade.Length).SequenceEqual(asMade))
            Look(where);
    }

    /// <summary>G5: rows and receipts are those of before or of a committed promotion or rollback, to the last column.</summary>
    public void Look(string where, string checker = "NothingLiveWithoutPromotion")
    {
        Looked(checker);
        if (Seen() is var seen && seen != expected)
            world.Violate(checker, $"{where}: another program sees {Difference(seen, expected)} instead of {Difference(expected, seen)}");
    }

    /// <summary>Another program's doing.</summary>
    public void Edit(Dice dice)
    {
        var key = dice.Hit(0.85) ? dice.Of(keys) : $"stranger-{dice.Between(1, 3)}";
        var before = State.Rows.GetValueOrDefault(key);
        var what = dice.Below(5);
        TargetRow? after = before is null
            ? new TargetRow(what < 2 && Scenario.Expected.TryGetValue(key, out var answer) ? Managed.Of(answer) : new Managed("Edited", null), "added by another")
            : what switch
            {
                0 => null,
                1 => before with { Note = $"edited {world.Now}" },
                2 => before with { Managed = before.Managed with { Summary = null } },
                _ => before with { Managed = before.Managed with { Category = "Edited" } },
            };
        Write(key, after);
        State = State with { Rows = after is null ? State.Rows.Remove(key) : State.Rows.SetItem(key, after) };
        world.Trace.Count("target: edited by another program");
        world.Trace.Add("another", $"{(after is null ? "removes" : before is null ? "adds" : "edits")} {key}");
    }

    /// <summary>Writes a row past everything; null removes it.</summary>
    public void Write(string key, TargetRow? row)
    {
        others ??= Connect();
        using var command = others.CreateCommand();
        command.CommandText = row is null
            ? "delete from products where sku = $key"
            : "insert into products values ($key, $category, $summary, $note) on conflict (sku) do update set category = excluded.category, summary = excluded.summary, note = excluded.note";
        Bind(command, key, row);
        command.ExecuteNonQuery();
    }

    /// <summary>The files as they lie on the disk at this instant, the journal of an open transaction among them.</summary>
    public TargetRemains Remains() => new(File.ReadAllBytes(path), File.Exists(path + "-journal") ? File.ReadAllBytes(path + "-journal") : null);

    /// <summary>What a killed process leaves: the transaction that its connection ended on the way out is open again, and nobody's.</summary>
    public void Leave(TargetRemains remains)
    {
        if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(remains.Database))
            File.WriteAllBytes(path, remains.Database);
        if (remains.Journal is { } journal)
            File.WriteAllBytes(path + "-journal", journal);
    }

    public void Dispose()
    {
        foreach (var command in commands)
            command.Dispose();
        reader?.Dispose();
        others?.Dispose();
        file.Dispose();
    }

    private void Fill()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "create table products (sku text primary key, category text, summary text, note text)";
        command.ExecuteNonQuery();
        using var transaction = connection.BeginTransaction();
        command.Transaction = transaction;
        command.CommandText = "insert into products values ($key, $category, $summary, $note)";
        foreach (var (key, row) in State.Rows)
        {
            Bind(command, key, row);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static void Bind(SqliteCommand command, string key, TargetRow? row)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$key", key);
        if (row is null)
            return;
        command.Parameters.AddWithValue("$category", (object?)row.Managed.Category ?? DBNull.Value);
        command.Parameters.AddWithValue("$summary", (object?)row.Managed.Summary ?? DBNull.Value);
        command.Parameters.AddWithValue("$note", (object?)row.Note ?? DBNull.Value);
    }

    private string Seen()
    {
        reader ??= Connect();
        version ??= Command("pragma data_version");
        // It moves when another connection commits: until then the rows are those that were read last.
        if ((long)version.ExecuteScalar()! is var now && now == lastVersion)
            return lastSeen;
        var text = new StringBuilder();
        rows ??= Command("select sku, category, summary, note from products order by sku");
        using (var row = rows.ExecuteReader())
        {
            while (row.Read())
                TargetState.AddRow(text, row.GetString(0), Text(row, 1), Text(row, 2), Text(row, 3));
        }

        if (receipts is null && HasReceipts())
            receipts = Command("select plan_id, state from muster_promotion order by seq");
        using (var row = receipts?.ExecuteReader())
        {
            while (row?.Read() == true)
                TargetState.AddReceipt(text, row.GetString(0), row.GetString(1));
        }

        (lastVersion, lastSeen) = (now, text.ToString());
        return lastSeen;
    }

    private bool HasReceipts()
    {
        using var command = reader!.CreateCommand();
        command.CommandText = "select count(*) from sqlite_master where name = 'muster_promotion'";
        return (long)command.ExecuteScalar()! > 0;
    }

    private SqliteCommand Command(string sql)
    {
        var command = reader!.CreateCommand();
        command.CommandText = sql;
        commands.Add(command);
        return command;
    }

    // Writing, too: whoever opens a database after a crash is the one who takes the journal back.
    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string Difference(string these, string those)
    {
        var only = these.Split('\n').Except(those.Split('\n')).ToList();
        return only.Count == 0 ? "nothing more" : $"{only.Count} lines ({string.Join("; ", only.Take(3))})";
    }
}

internal sealed record TargetRemains(byte[] Database, byte[]? Journal);
