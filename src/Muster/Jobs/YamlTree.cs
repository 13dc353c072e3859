using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Muster.Jobs;

/// <summary>
/// Reads the part of YAML a job file may use: one document of maps, lists and scalars. What lets a small file stand for a large or a
/// surprising one (anchors, aliases, tags, merge keys) is refused, so nothing is ever expanded.
/// </summary>
internal sealed class YamlTree
{
    public const int MaxBytes = 1_000_000;
    public const int MaxDepth = 32;
    public const int MaxNodes = 50_000;

    private readonly string file;
    private readonly FaultList faults;
    private readonly Parser parser;
    private int nodes;

    private YamlTree(string file, string text, FaultList faults)
    {
        this.file = file;
        this.faults = faults;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The document's root, or null when a fault was added.</summary>
    public static YamlNode? Parse(string file, string text, FaultList faults)
    {
        var before = faults.Count;
        var tree = new YamlTree(file, text, faults);
        try
        {
            var root = tree.Document();
            return faults.Count == before ? root : null;
        }
        catch (YamlException fault)
        {
            faults.Add(tree.At(fault.Start), "", $"not readable as YAML: {Sentence(fault)}", "Check indentation, quotes and brackets at this place.");
        }
        catch (ArgumentException)
        {
            // The parser decodes \u escapes without checking that surrogates come in pairs.
            var place = tree.parser.Current is { } last ? tree.At(last.End) : new Place(file, 1, 1);
            faults.Add(place, "", "not readable as YAML: invalid Unicode surrogates in an escape after this place", "Write the whole character itself instead of its escapes.");
        }
        catch (LimitException limit)
        {
            faults.Add(limit.Place, "", limit.Message, "Move long texts to files of their own (`system_file`, `user_file`, `contract.schema`).");
        }

        return null;
    }

    private YamlNode? Document()
    {
        parser.MoveNext();
        parser.MoveNext();
        if (parser.Current is StreamEnd)
        {
            faults.Add(new Place(file, 1, 1), "", "the file is empty", "Run `muster init` for a file to start from.");
            return null;
        }

        parser.MoveNext();
        var root = Node(0);
        parser.MoveNext();
        if (parser.Current is DocumentStart second)
        {
            faults.Add(At(second.Start), "", "a second YAML document starts here", "One file is one job: remove this line and what follows, or put it in a file of its own.");
        }

        return root;
    }

    // Leaves the parser on the event after the node.
    private YamlNode Node(int depth)
    {
        var current = parser.Current!;
        var place = At(current.Start);
        Spend(place, depth);
        if (current is AnchorAlias alias)
        {
            faults.Add(place, "", $"the alias {Excerpt.Quoted("*" + alias.Value.Value)} is not allowed", "Write the value out where it is needed.");
            parser.MoveNext();
            return new YamlScalar(place, "", ScalarStyle.Plain);
        }

        RefuseDecoration((NodeEvent)current, place);
        return current switch
        {
            Scalar scalar => Leaf(scalar, place),
            SequenceStart => List(place, depth),
            _ => Map(place, depth),
        };
    }

    private YamlScalar Leaf(Scalar scalar, Place place)
    {
        parser.MoveNext();
        return new YamlScalar(place, scalar.Value, scalar.Style);
    }

    private YamlList List(Place place, int depth)
    {
        var elements = new List<YamlNode>();
        parser.MoveNext();
        while (parser.Current is not SequenceEnd)
        {
            elements.Add(Node(depth + 1));
        }

        parser.MoveNext();
        return new YamlList(place, elements);
    }

    private YamlMap Map(Place place, int depth)
    {
        var entries = new List<YamlEntry>();
        var seen = new Dictionary<string, Place>();
        parser.MoveNext();
        while (parser.Current is not MappingEnd)
        {
            var key = Node(depth + 1);
            var value = Node(depth + 1);
            if (key is not YamlScalar { Text: var name } scalar)
            {
                faults.Add(key.Place, "", $"a field's name must be text, found {key.Kind}", "Put quotes around a name that starts with a bracket or a brace.");
            }
            else if (name == "<<" && scalar.Style == ScalarStyle.Plain)
            {
                faults.Add(key.Place, "", "the merge key \"<<\" is not allowed", "Write the fields out where they are needed.");
            }
            else if (!seen.TryAdd(name, key.Place))
            {
                faults.Add(key.Place, "", $"{Excerpt.Quoted(name)} is written twice; the first is on line {seen[name].Line}", "Keep one of the two.");
            }
            else
            {
                entries.Add(new YamlEntry(name, key.Place, value));
            }
        }

        parser.MoveNext();
        return new YamlMap(place, entries);
    }

    private void RefuseDecoration(NodeEvent node, Place place)
    {
        if (!node.Anchor.IsEmpty)
        {
            faults.Add(place, "", $"the anchor {Excerpt.Quoted("&" + node.Anchor.Value)} is not allowed", "Remove it and write the value out where it is needed.");
        }

        if (!node.Tag.IsEmpty)
        {
            faults.Add(place, "", $"the tag {Excerpt.Quoted(node.Tag.ToString())} is not allowed", "Remove it; quotes make text of a number.");
        }
    }

    private void Spend(Place place, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new LimitException($"nested deeper than {MaxDepth} levels", place);
        }

        if (++nodes > MaxNodes)
        {
            throw new LimitException($"more than {MaxNodes:N0} values in one file", place);
        }
    }

    private Place At(Mark mark) => new(file, (int)mark.Line, (int)mark.Column);

    private static string Sentence(YamlException fault)
    {
        var text = fault.Message.AsSpan();
        // The parser's own "(Line: 1, Col: 2) - " prefix repeats the place.
        var start = text.IndexOf("): ");
        return (start >= 0 ? text[(start + 3)..] : text).TrimEnd('.').ToString();
    }

    private sealed class LimitException(string message, Place place) : Exception(message)
    {
        public Place Place { get; } = place;
    }
}
