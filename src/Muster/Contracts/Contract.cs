using System.Text.Json;
using System.Text.Unicode;

namespace Muster.Contracts;

/// <summary>
/// What an accepted output satisfies: a JSON Schema (draft 2020-12), compiled once and checked without building a document.
/// Immutable and safe for any number of threads. <c>docs/contract.md</c> lists keywords and limits.
/// </summary>
public sealed class Contract
{
    private readonly SchemaNode _root;
    private readonly IReadOnlyDictionary<string, SchemaNode> _nodes;
    private readonly string _schemaPath;

    private Contract(CompiledSchema compiled, ApiSchema api, string schemaPath)
    {
        _root = compiled.Root;
        _nodes = compiled.Nodes;
        _schemaPath = schemaPath;
        ApiSchemaJson = api.Json;
        Spoken = api.Spoken;
        ApiObstacles = api.Obstacles;
    }

    /// <summary>The schema for <c>output_config.format.schema</c>: the contract without what the API cannot enforce. The same
    /// contract gives the same bytes.</summary>
    public string ApiSchemaJson { get; }

    /// <summary>What was taken out of <see cref="ApiSchemaJson"/>, one sentence each; also in its descriptions.</summary>
    public IReadOnlyList<string> Spoken { get; }

    /// <summary>What keeps the API from taking or filling <see cref="ApiSchemaJson"/> (recursion, open maps), one sentence each.
    /// With any of these, a tier wants <c>structured_output: false</c>.</summary>
    public IReadOnlyList<string> ApiObstacles { get; }

    /// <param name="schemaJson">The schema as text.</param>
    /// <param name="schemaPath">Where it was read from, for messages.</param>
    /// <exception cref="ContractException">The text is not JSON, not a schema, or uses an unsupported keyword; lists every fault.</exception>
    public static Contract Compile(string schemaJson, string schemaPath)
    {
        ArgumentNullException.ThrowIfNull(schemaJson);
        ArgumentNullException.ThrowIfNull(schemaPath);
        using var document = SchemaCompiler.Parse(schemaJson, schemaPath);
        var compiled = SchemaCompiler.Compile(document.RootElement, schemaPath);
        return new Contract(compiled, ApiSchema.Derive(document.RootElement, compiled), schemaPath);
    }

    /// <summary>Checks one JSON text. The first violation in document order is reported. Never throws, whatever the bytes.</summary>
    public ContractResult Check(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > ContractRun.MaxBytes)
        {
            return new ContractResult(ContractResultKind.Schema, "", "budget", $"The output is longer than {ContractRun.MaxBytes} bytes.");
        }

        if (!Utf8.IsValid(utf8Json))
        {
            return NotJson("is not valid UTF-8");
        }

        var run = new ContractRun(utf8Json);
        try
        {
            var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = ContractRun.MaxDepth });
            reader.Read();
            if (run.Check(_root, ref reader))
            {
                // One more read sees text after the value.
                reader.Read();
                return ContractResult.Valid;
            }

            // A cut-off text must not pass for a contract violation, so the rest is read even after the first violation.
            var rest = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = ContractRun.MaxDepth });
            while (rest.Read())
            {
            }

            return run.Violation!.ToResult();
        }
        catch (JsonException e)
        {
            return NotJson(Explain(e, utf8Json));
        }
        finally
        {
            run.Return();
        }
    }

    /// <summary>The allowed values of an <c>enum</c>: strings as they are, numbers and booleans as JSON, without null.</summary>
    /// <param name="jsonPointer">Points at an <c>enum</c> or at the schema that has it, such as <c>/properties/category/enum</c>.</param>
    /// <exception cref="ContractException">There is no <c>enum</c>.</exception>
    public IReadOnlyList<string> EnumAt(string jsonPointer)
    {
        ArgumentNullException.ThrowIfNull(jsonPointer);
        var node = _nodes.GetValueOrDefault(jsonPointer);
        if (node is null && jsonPointer.EndsWith("/enum"))
        {
            node = _nodes.GetValueOrDefault(jsonPointer[..^"/enum".Length]);
        }

        while (node is { Enum: null, Ref: not null })
        {
            node = node.Ref;
        }

        if (node?.Enum is null)
        {
            throw new ContractException(_schemaPath,
            [
                new ContractFault(jsonPointer, "enum", $"there is no enum at {Excerpt.Quoted(jsonPointer)}.",
                    "Point at an enum of the schema, for example /properties/category/enum."),
            ]);
        }

        return node.Enum.Plain;
    }

    private static ContractResult NotJson(string what) => new(ContractResultKind.NotJson, "", "json", $"The output {what}.");

    private static string Explain(JsonException e, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return "is empty where JSON was expected";
        }

        return $"is not one JSON value: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}; it begins with {Excerpt.Of(text)}";
    }
}
