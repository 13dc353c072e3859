using System.Text;
using System.Text.Json;
using Muster.Review;

namespace Muster.Cli.Output;

/// <summary>A row to decide as lines that fit a terminal: source beside output, or one above the other where it is narrow. Pure.</summary>
internal static class ReviewScreen
{
    private const int WideEnough = 72;
    private const int Gap = 3;
    private const string Indent = "  ";

    /// <param name="Name">Of the column.</param>
    internal sealed record Value(string Name, string Text);

    public static IReadOnlyList<Value> Source(ReviewCard card, IReadOnlyList<string> columns)
    {
        if (card.Input.IsEmpty)
            return [];
        using var input = JsonDocument.Parse(card.Input);
        return [.. input.RootElement.EnumerateArray().Select((value, i) => new Value(i < columns.Count ? columns[i] : $"column {i + 1}",
            value.ValueKind switch { JsonValueKind.Null => "", JsonValueKind.String => value.GetString()!, _ => value.GetRawText() }))];
    }

    public static IReadOnlyList<string> Plain(ReviewCard card, ReviewDesk desk) =>
    [
        .. Head(card, desk), "source", .. SourceLines(card, desk, int.MaxValue).Select(line => Indent + line), "output", .. OutputLines(card, int.MaxValue).Select(line => Indent + line),
    ];

    /// <param name="from">First line of the two panes that is shown.</param>
    public static IReadOnlyList<string> Lines(ReviewCard card, ReviewDesk desk, string count, string? said, int from, int width, int height)
    {
        var head = Head(card, desk).SelectMany(line => Wrap.Lines(line, width)).Take(Math.Max(3, height / 3)).ToList();
        head.Insert(0, Figures.Fit(count, width));
        var foot = Wrap.Lines("a accept  e edit  r reject  R ask again  u unsure  z undo  j/k scroll  q quit", width).ToList();
        if (said is not null)
            foot.InsertRange(0, Wrap.Lines(Figures.Clean(said), width));
        var panes = Panes(card, desk, width);
        var room = Math.Max(3, height - head.Count - foot.Count - 2);
        var start = Math.Clamp(from, 0, Math.Max(0, panes.Count - room));
        var shown = panes.Skip(start).Take(room).ToList();
        var rest = panes.Count - start - shown.Count;
        return [.. head, .. shown, .. Enumerable.Repeat("", room - shown.Count), rest > 0 ? $"  {Figures.Count(rest, "further line")}: j" : "", .. foot];
    }

    /// <summary>Lines of both panes, to know how far one can scroll.</summary>
    public static int Depth(ReviewCard card, ReviewDesk desk, int width) => Panes(card, desk, width).Count;

    private static IEnumerable<string> Head(ReviewCard card, ReviewDesk desk)
    {
        var name = card.Key is { } key && !desk.Definition.Source.Key.Sensitive ? $"{key}   {card.Line}" : card.Line;
        var tier = desk.Definition.Tiers[Math.Min(card.Tier, desk.Definition.Tiers.Count - 1)].Model;
        yield return $"{Figures.Clean(name)}   {ReviewText.Word(card.State)}{(card.Reason is { } reason ? $"   {Figures.Clean(reason)}" : "")}   tier {card.Tier + 1} {tier}";
        if (card.Message is { } message && card.State != Runs.RowState.Succeeded)
            yield return $"{Indent}{Figures.Clean(message)}";
        foreach (var vote in card.Votes.Where(vote => vote.UndoneAt is null))
            yield return $"{Indent}{Figures.Clean(vote.Reviewer)}: {ReviewText.Past(vote.Decision)}{(vote.Reasons.Count > 1 ? $", {Figures.Clean(vote.Reasons[1])}" : "")}";
    }

    private static List<string> Panes(ReviewCard card, ReviewDesk desk, int width)
    {
        if (width < WideEnough)
            return ["source", .. SourceLines(card, desk, width - Indent.Length).Select(line => Indent + line), "", "output", .. OutputLines(card, width - Indent.Length).Select(line => Indent + line)];
        var half = (width - Gap) / 2;
        var left = SourceLines(card, desk, half).ToList();
        var right = OutputLines(card, half).ToList();
        var lines = new List<string> { $"{Pad("source", half, '─')}─┬─ {Pad("output", half - 1, '─')}" };
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
            lines.Add($"{Pad(i < left.Count ? left[i] : "", half, ' ')} │ {(i < right.Count ? right[i] : "")}".TrimEnd());
        return lines;
    }

    private static IEnumerable<string> SourceLines(ReviewCard card, ReviewDesk desk, int width)
    {
        var values = Source(card, desk.Run.Columns);
        return values.Count == 0 ? ["(the source of this row is no longer kept)"] : values.SelectMany(value => Broken($"{value.Name}: {value.Text}", width));
    }

    private static IEnumerable<string> OutputLines(ReviewCard card, int width) =>
        card.Output.IsEmpty ? ["(no answer)"] : EditedOutput.ForEditing(card.Output.Span).Split('\n').SelectMany(line => Broken(line, width));

    /// <summary>At its own line ends, then between words, then anywhere: foreign text may have neither.</summary>
    private static IEnumerable<string> Broken(string text, int width)
    {
        foreach (var own in text.Split('\n'))
        {
            foreach (var line in Wrap.Lines(Figures.Clean(own.TrimEnd('\r').Replace("\t", "  ", StringComparison.Ordinal)), width))
            {
                var rest = line;
                while (Wrap.Cells(rest) > width)
                {
                    var cut = Cut(rest, width);
                    yield return rest[..cut];
                    rest = rest[cut..];
                }

                yield return rest;
            }
        }
    }

    private static int Cut(string text, int width)
    {
        var cut = 0;
        var cells = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            cells += Wrap.Cells(rune.ToString());
            if (cells > width && cut > 0)
                break;
            cut += rune.Utf16SequenceLength;
        }

        return cut;
    }

    private static string Pad(string text, int width, char with) => new StringBuilder(text).Append(with == ' ' ? "" : " ").Append(with, Math.Max(0, width - Wrap.Cells(text) - (with == ' ' ? 0 : 1))).ToString();
}
