using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Muster.Jobs;

/// <summary>A node of a job file with its place.</summary>
internal abstract record YamlNode(Place Place)
{
    /// <summary>What it is, for a message: <c>a list</c>, <c>the number 12</c>.</summary>
    public abstract string Kind { get; }
}

internal sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
{
    public override string Kind => "a map";
}

/// <param name="Name">The key.</param>
/// <param name="NamePlace">Where the key stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlEntry(string Name, Place NamePlace, YamlNode Value);

internal sealed record YamlList(Place Place, IReadOnlyList<YamlNode> Elements) : YamlNode(Place)
{
    public override string Kind => "a list";
}

internal enum ScalarKind { Null, Flag, Number, Text }

/// <summary>
/// A scalar. Only a plain (unquoted) one can be a number, <c>true</c>, <c>false</c> or null; the spellings are those of JSON plus
/// <c>~</c> and nothing for null, so <c>no</c>, <c>off</c> and <c>2026-11-21</c> are text.
/// </summary>
internal sealed partial record YamlScalar(Place Place, string Text, ScalarStyle Style) : YamlNode(Place)
{
    public ScalarKind Resolved { get; } = Resolve(Text, Style);

    public override string Kind => Resolved switch
    {
        ScalarKind.Null => "no value",
        ScalarKind.Flag => Text,
        ScalarKind.Number => $"the number {Text}",
        _ => $"the text {Excerpt.Quoted(Text)}",
    };

    /// <summary>True for what another YAML reader takes for a number that JSON cannot write, as <c>0x1F</c>, <c>.5</c> or <c>007</c>.</summary>
    public bool IsDoubtfulNumber => Style == ScalarStyle.Plain && Resolved == ScalarKind.Text && Doubtful().IsMatch(Text);

    private static ScalarKind Resolve(string text, ScalarStyle style) => style != ScalarStyle.Plain
        ? ScalarKind.Text
        : text switch
        {
            "" or "~" or "null" => ScalarKind.Null,
            "true" or "false" => ScalarKind.Flag,
            _ => JsonNumber().IsMatch(text) ? ScalarKind.Number : ScalarKind.Text,
        };

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"\A([+-]?(0x[0-9A-Fa-f]+|0o[0-7]+|[0-9][0-9_]*(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|True|TRUE|False|FALSE|Null|NULL)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Doubtful();
}
