using System.Text.Json;
using Muster.Requests;
using YamlDotNet.Core;

namespace Muster.Jobs;

internal sealed partial class JobReader
{
    private const int MaxPromptBytes = 1_000_000;

    private PromptSpec? Prompt(MapReader? map, ContractSpec? contract)
    {
        if (map is null)
        {
            return null;
        }

        if (map.Has("system") || map.Has("system_file"))
        {
            OneOf(map, "system", "system_file");
        }

        OneOf(map, "user", "user_file");
        var system = Inline(map, "system");
        var systemFile = FromFile(map, "system_file");
        var user = Inline(map, "user");
        var userFile = FromFile(map, "user_file");
        var values = Values(map, contract);
        map.Done();
        return (user ?? userFile) is { } template ? new PromptSpec(system ?? systemFile, template, values) : null;
    }

    private string? Inline(MapReader map, string name)
    {
        if (map.Take(name) is not { } node || map.AsText(node, name) is not { } text)
        {
            return null;
        }

        foreach (var fault in Template.CheckSyntax(text))
        {
            faults.Add(Inside((YamlScalar)node, text, fault), map.PathOf(name), fault.Message, fault.Hint);
        }

        return text;
    }

    private string? FromFile(MapReader map, string name)
    {
        if (map.Take(name) is not { } node || map.AsText(node, name) is not { } written
            || FullPath(new Placed(written, node.Place), map.PathOf(name)) is not { } full
            || TextFile.Read(full, MaxPromptBytes, node.Place, map.PathOf(name), faults) is not { } text)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            faults.Add(node.Place, map.PathOf(name), $"{Excerpt.Quoted(written)} is empty", "Write the prompt into it.");
        }

        foreach (var fault in Template.CheckSyntax(text))
        {
            faults.Add(new Place(written, fault.Line, fault.Column), map.PathOf(name), fault.Message, fault.Hint);
        }

        return text;
    }

    // A literal block keeps its lines, so the fault's own place in the file is known; otherwise the scalar's start is close enough.
    private Place Inside(YamlScalar node, string text, TemplateFault fault)
    {
        if (node.Style != ScalarStyle.Literal)
        {
            return fault.Line > 1 ? node.Place : node.Place with { Column = node.Place.Column + fault.Column - (node.Style == ScalarStyle.Plain ? 1 : 0) };
        }

        var line = node.Place.Line + fault.Line;
        var content = text.Split('\n')[fault.Line - 1];
        var indent = line <= lines.Length ? lines[line - 1].TrimEnd('\r').Length - content.Length : 0;
        return node.Place with { Line = line, Column = fault.Column + Math.Max(0, indent) };
    }

    private Dictionary<string, string> Values(MapReader map, ContractSpec? contract)
    {
        var values = new Dictionary<string, string>();
        if (map.Take("values") is not { } node)
        {
            return values;
        }

        if (node is not YamlMap written)
        {
            map.Wrong<string>(node, "values", "a map of names and texts");
            return values;
        }

        foreach (var entry in written.Entries)
        {
            if (Value(map, entry, contract) is { } text && !values.TryAdd(entry.Name.Trim(), text))
            {
                faults.Add(entry.NamePlace, map.PathOf("values"), $"{Excerpt.Quoted(entry.Name)} is written twice, apart from white space", "Keep one of the two.");
            }
        }

        return values;
    }

    private string? Value(MapReader map, YamlEntry entry, ContractSpec? contract)
    {
        var name = $"values.{entry.Name}";
        switch (entry.Value)
        {
            case YamlScalar { Resolved: ScalarKind.Null }:
                faults.Add(entry.NamePlace, map.PathOf(name), "has no value", "Write a text, a list of texts, or { contract: /pointer }.");
                return null;
            case YamlScalar scalar:
                return scalar.Text;
            case YamlList list:
                return Joined(map, list, name);
            default:
                var inner = map.AsMap(entry.Value, name, JobFields.ContractValue)!;
                var pointer = inner.Take("contract");
                inner.Done();
                return pointer is not null && inner.AsText(pointer, "contract") is { } text ? FromContract(inner, pointer, text, contract) : null;
        }
    }

    private string? Joined(MapReader map, YamlList list, string name)
    {
        if (list.Elements.Count == 0)
        {
            return map.Wrong<string>(list, name, "a list with at least one text, found an empty one");
        }

        foreach (var wrong in list.Elements.Where(e => e is not YamlScalar { Resolved: not ScalarKind.Null }))
        {
            map.Wrong<string>(wrong, name, "a list of texts");
        }

        return string.Join(", ", list.Elements.OfType<YamlScalar>().Select(scalar => scalar.Text));
    }

    private string? FromContract(MapReader map, YamlNode node, string pointer, ContractSpec? contract)
    {
        if (contract is null)
        {
            return null;
        }

        using var schema = JsonDocument.Parse(contract.SchemaJson);
        if (JsonPointer.Find(schema.RootElement, pointer) is not { ValueKind: JsonValueKind.Array } found)
        {
            return map.Wrong<string>(node, "contract", $"a pointer to a list of texts in {Excerpt.Quoted(Path.GetFileName(contract.SchemaPath))}");
        }

        var texts = found.EnumerateArray().Where(e => e.ValueKind != JsonValueKind.Null).ToList();
        return texts.Count > 0 && texts.TrueForAll(e => e.ValueKind == JsonValueKind.String)
            ? string.Join(", ", texts.Select(e => e.GetString()))
            : map.Wrong<string>(node, "contract", "a pointer to a list of texts, which may hold null and nothing else");
    }
}
