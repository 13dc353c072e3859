using System.Text;
using Muster.Runs;

namespace Muster.Selections;

internal enum SelectorField { State, Reason, Pointer, Key, Issue, Batch, Run, Tier, Since, Slice }

internal enum SelectorMatch
{
    Exact,

    /// <summary>Written with a star at its end.</summary>
    Prefix,

    /// <summary>Keys listed in a file, written <c>@file</c>.</summary>
    File,
}

internal sealed record SelectorValue(string Text, SelectorMatch Match = SelectorMatch.Exact, bool IsQuoted = false);

/// <param name="Pointer">JSON pointer into the row's output; only for <see cref="SelectorField.Pointer"/>.</param>
/// <param name="Values">At least one; any of them may match.</param>
internal sealed record SelectorTerm(SelectorField Field, string? Pointer, bool Negated, IReadOnlyList<SelectorValue> Values)
{
    /// <summary>False when the row's input, message or output must be read to decide; everything else is a comparison in SQL.</summary>
    public bool IsForSql => Field is not (SelectorField.Pointer or SelectorField.Issue or SelectorField.Slice);
}

/// <summary>Which rows are meant: all terms must hold. Without a term it means every row and is written <c>all</c>.</summary>
internal sealed record Selector(IReadOnlyList<SelectorTerm> Terms)
{
    public const string Everything = "all";

    /// <exception cref="SelectorException">The text is not a selector.</exception>
    public static Selector Parse(string text) => new SelectorParser(text).Parse();

    /// <summary>Those of the rows that are in quarantine.</summary>
    public Selector InQuarantine() => new([new SelectorTerm(SelectorField.State, null, Negated: false, [new SelectorValue("quarantined")]), .. Terms]);

    /// <summary>The one way to write it; <see cref="Parse"/> gives the same selector again.</summary>
    public override string ToString() => Terms.Count == 0 ? Everything : string.Join(' ', Terms.Select(Written));

    private static string Written(SelectorTerm term)
    {
        var field = term.Field == SelectorField.Pointer ? Text(term.Pointer!, SelectorWords.IsPlainPointer(term.Pointer!)) : SelectorWords.NameOf(term.Field);
        return $"{(term.Negated ? "-" : "")}{field}:{string.Join(',', term.Values.Select(Written))}";
    }

    private static string Written(SelectorValue value)
    {
        var isPlain = !value.IsQuoted && SelectorWords.IsPlain(value);
        return value.Match switch
        {
            SelectorMatch.File => "@" + Text(value.Text, isPlain),
            SelectorMatch.Prefix => Text(value.Text, isPlain || value is { Text.Length: 0, IsQuoted: false }) + "*",
            _ => Text(value.Text, isPlain),
        };
    }

    private static string Text(string text, bool isPlain)
    {
        if (isPlain)
            return text;
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
            quoted.Append(c is '"' or '\\' ? "\\" : "").Append(c);
        return quoted.Append('"').ToString();
    }
}

/// <summary>A text that is no selector: says where, and what is known there.</summary>
/// <param name="position">Of the fault in the text, from 0.</param>
internal sealed class SelectorException(string message, string hint, int position) : MusterException(message, hint)
{
    public int Position { get; } = position;

    public override int ExitCode => ExitCodes.Usage;
}

/// <summary>The words of the language.</summary>
internal static class SelectorWords
{
    private static readonly Dictionary<string, SelectorField> Fields = new(StringComparer.Ordinal)
    {
        ["state"] = SelectorField.State, ["reason"] = SelectorField.Reason, ["key"] = SelectorField.Key, ["issue"] = SelectorField.Issue,
        ["batch"] = SelectorField.Batch, ["run"] = SelectorField.Run, ["tier"] = SelectorField.Tier, ["since"] = SelectorField.Since, ["slice"] = SelectorField.Slice,
    };

    private static readonly Dictionary<string, IReadOnlyList<RowState>> StatesByName = new(StringComparer.Ordinal)
    {
        ["pending"] = [RowState.Pending], ["in-flight"] = [RowState.InFlight], ["open"] = [RowState.Pending, RowState.InFlight],
        ["succeeded"] = [RowState.Succeeded], ["errored"] = [RowState.Errored], ["expired"] = [RowState.Expired],
        ["canceled"] = [RowState.Canceled], ["quarantined"] = [RowState.Quarantined], ["human-queued"] = [RowState.HumanQueued],
    };

    public static IReadOnlyCollection<string> FieldNames => [.. Fields.Keys, "/pointer"];

    public static IReadOnlyCollection<string> StateNames => StatesByName.Keys;

    public static SelectorField? FieldOf(string name) => Fields.TryGetValue(name, out var field) ? field : null;

    public static string NameOf(SelectorField field) => field.ToString().ToLowerInvariant();

    /// <summary>The states that a word means, or none.</summary>
    public static IReadOnlyList<RowState> StatesOf(string name) => StatesByName.GetValueOrDefault(name) ?? [];

    public static bool EndsField(char c) => char.IsWhiteSpace(c) || c is ':' or '"';

    public static bool EndsValue(char c) => char.IsWhiteSpace(c) || c is ',' or '"';

    public static bool IsPlainPointer(string pointer) => pointer.Length > 0 && !pointer.Any(EndsField);

    /// <summary>True when the value may stand without quotes and still means itself.</summary>
    public static bool IsPlain(SelectorValue value) =>
        value.Text.Length > 0 && !value.Text.Any(EndsValue) && (value.Match == SelectorMatch.File || value.Text[0] != '@')
        && !(value.Match != SelectorMatch.File && value.Text[^1] == '*');
}
