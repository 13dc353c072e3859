using System.Text;
using System.Text.Json;

namespace Muster.Jobs;

internal sealed partial class JobReader
{
    private const int MaxSchemaBytes = 1_000_000;

    private static readonly Dictionary<string, TargetKind> TargetKinds = new()
    {
        ["sqlite"] = TargetKind.Sqlite,
        ["csv"] = TargetKind.Csv,
        ["jsonl"] = TargetKind.Jsonl,
    };

    private ContractSpec? Contract(MapReader? map)
    {
        if (map is null)
        {
            return null;
        }

        var schema = Schema(map);
        var queue = map.Take("human_queue");
        var queueJson = queue switch
        {
            null => null,
            YamlMap => YamlJson.Write(queue, map.PathOf("human_queue"), faults),
            _ => map.Wrong<string>(queue, "human_queue", "a JSON Schema written as a map"),
        };
        var onViolation = map.Word("on_violation", "escalate", "reask") == "reask" ? OnViolation.Reask : OnViolation.Escalate;
        map.Done();
        return schema is null ? null : schema with { HumanQueueJson = queueJson, OnViolation = onViolation };
    }

    private ContractSpec? Schema(MapReader map)
    {
        if (map.Take("schema") is not { } node || map.AsText(node, "schema") is not { } written
            || FullPath(new Placed(written, node.Place), map.PathOf("schema")) is not { } full
            || TextFile.Read(full, MaxSchemaBytes, node.Place, map.PathOf("schema"), faults) is not { } json)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return map.Wrong<ContractSpec>(node, "schema", $"a file that holds a JSON Schema object, found {document.RootElement.ValueKind.ToString().ToLowerInvariant()} in it");
            }

            _ = YamlJson.Compacted(json);
            return new ContractSpec(json, full);
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            faults.Add(node.Place, map.PathOf("schema"), $"{Excerpt.Quoted(written)} holds half of a surrogate pair", "Write the whole character itself instead of its escapes.");
            return null;
        }
        catch (JsonException fault)
        {
            var place = new Place(written, (int)(fault.LineNumber ?? 0) + 1, CharColumn(json, fault));
            faults.Add(place, map.PathOf("schema"), $"not readable as JSON: {FirstSentence(fault.Message)}", "Correct the file at this place.");
            return null;
        }
    }

    private static int CharColumn(string json, JsonException fault)
    {
        var line = Encoding.UTF8.GetBytes(json.Split('\n')[(int)(fault.LineNumber ?? 0)]);
        var bytes = (int)Math.Min(fault.BytePositionInLine ?? 0, line.Length);
        return Encoding.UTF8.GetCharCount(line, 0, bytes) + 1;
    }

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.');
    }

    private TargetSpec? Target(MapReader? map)
    {
        if (map is null)
        {
            return null;
        }

        var kind = OneOf(map, [.. TargetKinds.Keys]);
        string? full = null;
        foreach (var name in TargetKinds.Keys)
        {
            var written = One(map, name);
            full = name == kind && written is not null ? FullPath(written[0], map.PathOf(name)) : full;
        }

        var table = map.Text("table");
        var key = map.Text("key");
        var columns = Columns(map, key);
        var insert = map.Flag("insert") ?? true;
        map.Done();
        CheckTable(map, kind);
        return kind is null || full is null || key is null || columns is null
            ? null
            : new TargetSpec(TargetKinds[kind], full, key, columns) { Table = table, Insert = insert };
    }

    private void CheckTable(MapReader map, string? kind)
    {
        if (kind == "sqlite" && !map.Has("table"))
        {
            faults.Add(map.Place, map.PathOf("table"), "is missing; a database needs a table", $"Add `{JobFields.Target["table"].Example}`.");
        }
        else if (kind is not (null or "sqlite") && map.Has("table"))
        {
            faults.Add(map.Place, map.PathOf("table"), $"is only for sqlite, and the target is {kind}", "Remove it, or write to a database with `sqlite: FILE`.");
        }
    }

    private List<ColumnSpec>? Columns(MapReader map, string? key)
    {
        if (map.Take("columns") is not { } node)
        {
            return null;
        }

        if (node is not YamlMap { Entries.Count: > 0 and <= JobBounds.MaxListed } written)
        {
            return map.Wrong<List<ColumnSpec>>(node, "columns", "a map of at least one column and its JSON pointer");
        }

        var columns = new List<ColumnSpec>();
        foreach (var entry in written.Entries)
        {
            var name = $"columns.{entry.Name}";
            if (string.Equals(entry.Name, key, StringComparison.OrdinalIgnoreCase))
            {
                faults.Add(entry.NamePlace, map.PathOf(name), "is the key, which is never overwritten", "Remove it from the columns.");
            }

            // The empty pointer is the whole answer, so blank text is allowed here.
            if (entry.Value is YamlScalar { Resolved: ScalarKind.Text } pointer && JsonPointer.IsValid(pointer.Text))
            {
                columns.Add(new ColumnSpec(entry.Name, pointer.Text));
            }
            else
            {
                map.Wrong<string>(entry.Value, name, "a JSON pointer such as /category, or \"\" for the whole answer");
            }
        }

        return columns;
    }
}
