using System.Text.Json;

namespace Muster.Contracts;

/// <param name="Root">Where a check begins.</param>
/// <param name="Nodes">Every schema by its pointer.</param>
/// <param name="Elements">The same schemas as text; only as long as their document lives.</param>
internal sealed record CompiledSchema(
    SchemaNode Root, IReadOnlyDictionary<string, SchemaNode> Nodes, IReadOnlyDictionary<string, JsonElement> Elements);

/// <summary>Turns a schema's text into nodes: one walk that collects every fault, then <see cref="SchemaLinks"/> ties references.</summary>
internal sealed partial class SchemaCompiler
{
    private readonly List<ContractFault> _faults = [];
    private readonly Dictionary<string, SchemaNode> _nodes = [];
    private readonly Dictionary<string, JsonElement> _elements = [];
    private readonly SchemaLinks _links = new();

    /// <summary>The schema <c>true</c>.</summary>
    public static SchemaNode Anything { get; } = new("");

    public static JsonDocument Parse(string schemaJson, string schemaPath)
    {
        try
        {
            return JsonDocument.Parse(schemaJson, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = ContractRun.MaxDepth });
        }
        catch (JsonException e)
        {
            throw new ContractException(schemaPath,
            [
                new ContractFault("", "", $"it is not JSON: {Excerpt.Of(e.Message)} It begins with {Excerpt.Quoted(schemaJson)}.",
                    "Correct the JSON of the schema."),
            ]);
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(schemaPath);
        }
    }

    public static CompiledSchema Compile(JsonElement root, string schemaPath)
    {
        var compiler = new SchemaCompiler();
        SchemaNode node;
        try
        {
            node = compiler.Schema(root, "", SchemaLinks.Root);
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(schemaPath);
        }

        compiler._links.Tie(compiler._nodes, compiler._faults);
        return compiler._faults.Count == 0
            ? new CompiledSchema(node, compiler._nodes, compiler._elements)
            : throw new ContractException(schemaPath, compiler._faults);
    }

    private static ContractException NotUnicode(string schemaPath) => new(schemaPath,
    [
        new ContractFault("", "", "it has a string with half of a surrogate pair.", "Write the whole character in that string."),
    ]);

    private SchemaNode Schema(JsonElement element, string pointer, SchemaScope scope)
    {
        var node = new SchemaNode(pointer);
        _nodes[pointer] = node;
        _elements[pointer] = element;
        switch (element.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.IsNothing = true;
                break;
            case JsonValueKind.Object:
                Fill(node, new Source(this, element, pointer, Scope(element, pointer, scope)));
                break;
            default:
                Fault(pointer, "", $"a schema is an object, true or false, not {Excerpt.Of(element.GetRawText())}.", "Write a schema here.");
                break;
        }

        return node;
    }

    private SchemaScope Scope(JsonElement element, string pointer, SchemaScope scope)
    {
        if (element.TryGetProperty("$id", out var id))
        {
            if (id.ValueKind != JsonValueKind.String || SchemaLinks.Resolve(scope.Base, id.GetString()!) is not { Fragment: "" } address)
            {
                Fault(pointer, "$id", $"$id is a URI without a fragment, not {Excerpt.Of(id.GetRawText())}.", "Correct it or remove it.");
            }
            else
            {
                scope = new SchemaScope(address.Document, pointer);
            }
        }

        _links.AddDocument(scope);
        if (element.TryGetProperty("$dynamicAnchor", out var refused) && refused.ValueKind == JsonValueKind.String)
        {
            // The keyword is refused by name; a $ref to it must not look like a second fault.
            _links.AddAnchor(scope, refused.GetString()!, pointer);
        }

        if (element.TryGetProperty("$anchor", out var anchor))
        {
            if (anchor.ValueKind == JsonValueKind.String && SchemaLinks.IsAnchor(anchor.GetString()!))
            {
                _links.AddAnchor(scope, anchor.GetString()!, pointer);
            }
            else
            {
                Fault(pointer, "$anchor", $"$anchor is a name of letters, digits, '-', '_' and '.', not {Excerpt.Of(anchor.GetRawText())}.", "Rename it.");
            }
        }

        return scope;
    }

    private void Fill(SchemaNode node, Source source)
    {
        foreach (var member in source.Element.EnumerateObject())
        {
            RefuseUnknown(source.Pointer, member.Name);
            if (member.Name == "$schema" && (member.Value.ValueKind != JsonValueKind.String || member.Value.GetString()!.TrimEnd('#') != Keywords.Draft))
            {
                Fault(source.Pointer, "$schema", $"$schema is {Excerpt.Of(member.Value.GetRawText())}, and only draft 2020-12 is supported.",
                    $"Write the schema in draft 2020-12 and set $schema to {Keywords.Draft}.");
            }
        }

        foreach (var name in source.Map("$defs"))
        {
            source.Sub("$defs", name);
        }

        node.Types = source.Types();
        node.Enum = source.Has("enum") ? source.Enum() : null;
        node.Const = source.Has("const") ? Values([source.Element.GetProperty("const")]) : null;
        node.Numbers = source.Numbers();
        node.Strings = source.Strings();
        node.Arrays = source.Arrays();
        node.Objects = source.Objects();
        node.Combined = source.Combinations();
        if (source.Text("$ref") is { } reference)
        {
            _links.AddRef(node, reference, source.Scope);
        }
    }

    private void RefuseUnknown(string pointer, string name)
    {
        var keyword = Keywords.Find(name);
        if (keyword is null)
        {
            Fault(pointer, name, $"the keyword {Excerpt.Quoted(name)} is unknown.",
                Keywords.Nearest(name) is { } nearest ? $"Did you mean {nearest}?" : "Remove it; docs/contract.md lists the supported keywords.");
        }
        else if (keyword.Use == KeywordUse.Unsupported)
        {
            Fault(pointer, name, $"the keyword {name} is not supported.", keyword.Note);
        }
    }

    private void Fault(string pointer, string keyword, string what, string hint) =>
        _faults.Add(new ContractFault(pointer, keyword, what, hint));
}
