using System.Text;
using Muster.Simulator.Faults;

namespace Muster.Simulator.Answers;

/// <summary>Answers with what the text really holds, in the shape that the request's schema asks for.</summary>
internal sealed class SchemaEngine : AnswerEngine
{
    private const int FewLetters = 4;
    private const int UsualItems = 5;
    private const int MinFeatureChars = 4;
    private readonly LabelsEngine _plain = new();

    /// <summary>One way to break the contract; at most one per answer.</summary>
    private enum Breach
    {
        None,
        UnknownChoice,
        TooManyItems,
        TooLong,
        MissingMember,
    }

    public override void Answer(Ask ask, ByteBuffer into)
    {
        if (ask.Schema.Schema is not { } schema)
        {
            _plain.Answer(ask, into);
            return;
        }

        ask.Words.Read(ask.Text);
        var breach = ask.Fate == RowFate.Violation ? Choose(schema, ask.Hash) : Breach.None;
        Write(schema, ask, into, ref breach, 0);
    }

    private static Breach Choose(SchemaNode schema, ulong hash)
    {
        Span<Breach> can = stackalloc Breach[4];
        var count = 0;
        foreach (var member in schema.Members)
        {
            var breach = member.Node switch
            {
                { Kind: NodeKind.Choice } => Breach.UnknownChoice,
                { Kind: NodeKind.Array, MaxItems: < int.MaxValue } => Breach.TooManyItems,
                { Kind: NodeKind.Text, MaxLength: < int.MaxValue } => Breach.TooLong,
                _ => Breach.None,
            };
            if (breach != Breach.None && count < can.Length && !can[..count].Contains(breach))
            {
                can[count++] = breach;
            }
        }

        return count == 0 ? Breach.MissingMember : can[(int)(Chance.Mix(hash, 0xB2) % (ulong)count)];
    }

    private static void Write(SchemaNode node, Ask ask, ByteBuffer into, ref Breach breach, int index)
    {
        if (node.Nullable && ask.Words.Letters < FewLetters && breach == Breach.None)
        {
            into.Raw("null"u8);
            return;
        }

        switch (node.Kind)
        {
            case NodeKind.Object:
                WriteObject(node, ask, into, ref breach);
                break;
            case NodeKind.Array:
                WriteArray(node, ask, into, ref breach);
                break;
            case NodeKind.Choice:
                WriteChoice(node, ask, into, ref breach);
                break;
            case NodeKind.Text:
                WriteText(node, ask, into, ref breach, index);
                break;
            case NodeKind.Integer:
                into.Number(WholeNumber(node, ask.Hash));
                break;
            case NodeKind.Number:
                WriteNumber(node, ask.Hash, into);
                break;
            case NodeKind.Boolean:
                into.Raw((ask.Hash & 1) == 0 ? "true"u8 : "false"u8);
                break;
            default:
                into.Raw("null"u8);
                break;
        }
    }

    private static void WriteObject(SchemaNode node, Ask ask, ByteBuffer into, ref Breach breach)
    {
        into.Raw("{"u8);
        var first = true;
        foreach (var member in node.Members)
        {
            if (breach == Breach.MissingMember)
            {
                breach = Breach.None;
                continue;
            }

            into.Raw(first ? "\""u8 : ",\""u8);
            into.Escaped(member.Name);
            into.Raw("\":"u8);
            first = false;
            Write(member.Node, ask, into, ref breach, 0);
        }

        into.Raw("}"u8);
    }

    private static void WriteArray(SchemaNode node, Ask ask, ByteBuffer into, ref Breach breach)
    {
        var count = Math.Min(node.MaxItems, UsualItems);
        if (breach == Breach.TooManyItems && node.MaxItems < int.MaxValue)
        {
            count = node.MaxItems + 2;
            breach = Breach.None;
        }
        else if (node.Items is null or { Kind: NodeKind.Text })
        {
            count = Math.Max(Math.Min(count, Features(ask)), node.MinItems);
        }
        else
        {
            count = Math.Max(1, node.MinItems);
        }

        into.Raw("["u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                into.Raw(","u8);
            }

            if (node.Items is null or { Kind: NodeKind.Text })
            {
                WriteFeature(ask, into, i);
            }
            else
            {
                Write(node.Items, ask, into, ref breach, i);
            }
        }

        into.Raw("]"u8);
    }

    private static void WriteChoice(SchemaNode node, Ask ask, ByteBuffer into, ref Breach breach)
    {
        if (breach == Breach.UnknownChoice)
        {
            breach = Breach.None;
            into.Raw("\"Something else entirely\""u8);
            return;
        }

        var closest = node.Labels!.Closest(ask.Words, ask.Hash);
        into.Raw(node.Choices[ask.Fate == RowFate.Wrong ? (closest + 1) % node.Choices.Count : closest]);
    }

    private static void WriteText(SchemaNode node, Ask ask, ByteBuffer into, ref Breach breach, int index)
    {
        if (breach == Breach.TooLong && node.MaxLength < int.MaxValue)
        {
            breach = Breach.None;
            into.Quoted(string.Concat(Enumerable.Repeat("word ", (node.MaxLength / 5) + 3)).AsSpan());
            return;
        }

        switch (node.Format)
        {
            case "date":
                into.Raw("\"2026-01-15\""u8);
                return;
            case "date-time":
                into.Raw("\"2026-01-15T09:30:00Z\""u8);
                return;
            case "email":
                into.Raw("\"someone@example.com\""u8);
                return;
            case "uri":
                into.Raw("\"https://example.com/\""u8);
                return;
            default:
                break;
        }

        var sentence = FirstSentence.Of(ask.Text, Math.Min(node.MaxLength, FirstSentence.MaxChars - 1));
        if (index > 0 || sentence.Length < node.MinLength || sentence.IsEmpty)
        {
            into.Quoted(string.Concat("No description given.", new string('.', Math.Max(0, Math.Min(node.MinLength, 10_000) - 21)))
                .AsSpan(0, Math.Min(node.MaxLength, Math.Max(21, Math.Min(node.MinLength, 10_000)))));
            return;
        }

        into.Quoted(sentence);
    }

    private static int Features(Ask ask)
    {
        var count = 0;
        for (var i = 0; i < ask.Words.Words.Length && count < UsualItems + 2; i++)
        {
            count += IsFeature(ask, i) ? 1 : 0;
        }

        return count;
    }

    private static bool IsFeature(Ask ask, int index)
    {
        var words = ask.Words.Words;
        if (words[index].Length < MinFeatureChars)
        {
            return false;
        }

        for (var i = 0; i < index; i++)
        {
            if (words[i].Stem == words[index].Stem)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteFeature(Ask ask, ByteBuffer into, int number)
    {
        var words = ask.Words.Words;
        for (int i = 0, seen = 0; i < words.Length; i++)
        {
            if (IsFeature(ask, i) && seen++ == number)
            {
                Span<char> lower = stackalloc char[64];
                var word = ask.Text.Slice(words[i].Start, Math.Min(words[i].Length, lower.Length));
                word.ToLowerInvariant(lower);
                into.Quoted(lower[..word.Length]);
                return;
            }
        }

        into.Quoted(Encoding.ASCII.GetBytes($"feature {number + 1}"));
    }

    private static long WholeNumber(SchemaNode node, ulong hash)
    {
        var low = (long)Math.Ceiling(node.Minimum ?? Math.Min(0, node.Maximum ?? 0));
        var high = (long)Math.Floor(node.Maximum ?? Math.Max(low + 10, 10));
        return low + (long)(hash % (ulong)Math.Max(1, high - low + 1));
    }

    private static void WriteNumber(SchemaNode node, ulong hash, ByteBuffer into)
    {
        var low = node.Minimum ?? Math.Min(0, node.Maximum ?? 0);
        var high = node.Maximum ?? Math.Max(low + 1, 1);
        var value = Math.Round(low + ((high - low) * Chance.Unit(hash)), 2);
        into.Raw(Encoding.ASCII.GetBytes(Math.Clamp(value, low, Math.Max(low, high)).ToString("R")));
    }
}
