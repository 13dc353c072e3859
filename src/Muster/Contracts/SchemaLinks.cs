namespace Muster.Contracts;

/// <param name="Base">The URI that references in the schema are relative to.</param>
/// <param name="Pointer">Where the schema with that URI begins.</param>
internal sealed record SchemaScope(Uri Base, string Pointer);

/// <param name="Document">URI without fragment.</param>
/// <param name="Fragment">Decoded; empty for the document itself.</param>
internal sealed record SchemaAddress(Uri Document, string Fragment);

/// <summary>Addresses of one document's schemas, and the references between them.</summary>
internal sealed class SchemaLinks
{
    /// <summary>A value passes through this many schemas at most before the text moves on; no schema written by hand comes near.</summary>
    public const int MaxChain = 64;

    private readonly Dictionary<Uri, string> _documents = [];
    private readonly Dictionary<string, string> _anchors = [];
    private readonly List<(SchemaNode Node, string Reference, SchemaScope Scope)> _refs = [];

    public static SchemaScope Root { get; } = new(new Uri("contract:///schema"), "");

    public static bool IsAnchor(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public static SchemaAddress? Resolve(Uri @base, string reference)
    {
        var hash = reference.IndexOf('#');
        var document = hash < 0 ? reference : reference[..hash];
        var fragment = hash < 0 ? "" : Uri.UnescapeDataString(reference[(hash + 1)..]);
        if (document.Length == 0)
        {
            return new SchemaAddress(@base, fragment);
        }

        return Uri.TryCreate(@base, document, out var address) ? new SchemaAddress(address, fragment) : null;
    }

    public void AddDocument(SchemaScope scope) => _documents.TryAdd(scope.Base, scope.Pointer);

    public void AddAnchor(SchemaScope scope, string anchor, string pointer) => _anchors.TryAdd(Key(scope.Base, anchor), pointer);

    public void AddRef(SchemaNode node, string reference, SchemaScope scope) => _refs.Add((node, reference, scope));

    public void Tie(Dictionary<string, SchemaNode> nodes, List<ContractFault> faults)
    {
        foreach (var (node, reference, scope) in _refs)
        {
            if (Find(reference, scope) is { } pointer && nodes.TryGetValue(pointer, out var target))
            {
                node.Ref = target;
                continue;
            }

            var isLocal = reference.StartsWith('#') || (Resolve(scope.Base, reference) is { } address && _documents.ContainsKey(address.Document));
            faults.Add(isLocal
                ? new ContractFault(node.Pointer, "$ref", $"$ref {Excerpt.Quoted(reference)} points at no schema.", "Point it at a schema of this document.")
                : new ContractFault(node.Pointer, "$ref", $"$ref {Excerpt.Quoted(reference)} leaves the document, which is not supported.",
                    "Copy that schema under $defs and refer to it there."));
        }

        if (faults.Count > 0)
        {
            return;
        }

        var lengths = new Dictionary<SchemaNode, int>();
        foreach (var node in nodes.Values.OrderBy(node => node.Pointer, StringComparer.Ordinal))
        {
            if (Length(node, lengths, chain: 0) is var length && length > MaxChain)
            {
                faults.Add(new ContractFault(node.Pointer, "$ref",
                    length == int.MaxValue
                        ? "this schema leads back to itself without moving on in the text, so checking it would never end."
                        : $"this schema leads through more than {MaxChain} others for one and the same value.",
                    "Break the chain of $ref, allOf, anyOf, oneOf, not and if."));
                return;
            }
        }

        foreach (var node in nodes.Values.Where(node => node.Ref is not null))
        {
            Fold(node);
        }
    }

    /// <summary>A lone reference is followed without a step of its own; beside other keywords it is one more schema for the value.</summary>
    private static void Fold(SchemaNode node)
    {
        var target = node.Ref!;
        if (node is { Types: JsonTypes.Any, Enum: null, Const: null, Numbers: null, Strings: null, Arrays: null, Objects: null, Combined: null })
        {
            node.Forward = target;
        }
        else
        {
            node.Combined = [new Combination(CombinationKind.All, "$ref", [target]), .. node.Combined ?? []];
        }
    }

    private string? Find(string reference, SchemaScope scope)
    {
        if (Resolve(scope.Base, reference) is not { } address || !_documents.TryGetValue(address.Document, out var root))
        {
            return null;
        }

        return address.Fragment.Length == 0 || address.Fragment[0] == '/'
            ? root + Normal(address.Fragment)
            : _anchors.GetValueOrDefault(Key(address.Document, address.Fragment));
    }

    // Decodes and encodes each name again, so that a pointer with needless escapes still meets the spelling that the compiler uses.
    private static string Normal(string pointer) =>
        string.Join('/', pointer.Split('/').Select(name => JsonPointer.Escape(name.Replace("~1", "/").Replace("~0", "~"))));

    private static string Key(Uri document, string anchor) => $"{document.AbsoluteUri}#{anchor}";

    /// <returns>Schemas that one value passes through from here; <see cref="int.MaxValue"/> for a circle.</returns>
    private static int Length(SchemaNode node, Dictionary<SchemaNode, int> lengths, int chain)
    {
        if (lengths.TryGetValue(node, out var known))
        {
            return known;
        }

        if (chain > MaxChain)
        {
            return chain;
        }

        // Met again while still on the way, this says that the way is a circle.
        lengths[node] = int.MaxValue;
        var longest = 0;
        foreach (var next in Next(node))
        {
            longest = Math.Max(longest, Length(next, lengths, chain + 1));
        }

        return lengths[node] = longest == int.MaxValue ? longest : longest + 1;
    }

    private static IEnumerable<SchemaNode> Next(SchemaNode node)
    {
        if (node.Ref is not null)
        {
            yield return node.Ref;
        }

        foreach (var combination in node.Combined ?? [])
        {
            foreach (var part in combination.Parts)
            {
                yield return part;
            }

            if (combination.Then is not null)
            {
                yield return combination.Then;
            }

            if (combination.Else is not null)
            {
                yield return combination.Else;
            }
        }
    }
}
