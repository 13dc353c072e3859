using System.Text;
using System.Text.Json;

namespace Muster.Contracts;

/// <summary>The first thing found wrong. Names are added from the inside out while the walk returns.</summary>
internal sealed class Violation(ContractResultKind kind, string keyword, string must, string value)
{
    private readonly List<string> _path = [];

    public void Under(string name) => _path.Add(name);

    public ContractResult ToResult()
    {
        var pointer = new StringBuilder();
        for (var i = _path.Count - 1; i >= 0; i--)
        {
            pointer.Append('/').Append(JsonPointer.Escape(_path[i]));
        }

        var text = pointer.ToString();
        var where = text.Length == 0 ? "The output" : Excerpt.Of(text);
        return new ContractResult(kind, text, keyword, $"{where} {must}{value}.");
    }
}

internal ref partial struct ContractRun
{
    private const int ListedValues = 50;

    private bool Fail(string keyword, scoped ref Utf8JsonReader reader, string must) =>
        Note(keyword, ref reader) && Record(ContractResultKind.Schema, keyword, must, Found(ref reader));

    private bool Say(string keyword, string must) => Record(ContractResultKind.Schema, keyword, must, "");

    private bool FailType(SchemaNode node, scoped ref Utf8JsonReader reader) =>
        Note("type", ref reader) && Record(ContractResultKind.Schema, "type", $"must be {Describe(node.Types)}", Found(ref reader));

    private bool FailConst(ValueSet set, scoped ref Utf8JsonReader reader) =>
        Note("const", ref reader) && Record(ContractResultKind.Schema, "const", $"must be {Excerpt.Of(set.Texts[0])}", Found(ref reader));

    private bool FailEnum(ValueSet set, scoped ref Utf8JsonReader reader) =>
        Note("enum", ref reader) && Record(ContractResultKind.EnumUnknown, "enum", $"must be one of {List(set.Texts)}", Found(ref reader));

    private bool FailBudget(scoped ref Utf8JsonReader reader)
    {
        if (!_isSpent)
        {
            // Nothing may hide it, not even an alternative that would have been tried next.
            _isSpent = true;
            _steps = -1;
            _violation = new Violation(ContractResultKind.Schema, "budget", "needs more steps to check than its length allows", "");
        }

        _failedAt = reader.TokenStartIndex;
        _failedKeyword = "budget";
        return false;
    }

    /// <returns>True when the failure is wanted in words.</returns>
    private bool Note(string keyword, scoped ref Utf8JsonReader reader)
    {
        _failedAt = reader.TokenStartIndex;
        _failedKeyword = keyword;
        return _quiet == 0 && _violation is null;
    }

    private bool Record(ContractResultKind kind, string keyword, string must, string found)
    {
        _violation = new Violation(kind, keyword, must, found);
        return false;
    }

    private readonly void Under(string name)
    {
        if (_quiet == 0 && !_isSpent)
        {
            _violation?.Under(name);
        }
    }

    private readonly string Found(scoped ref Utf8JsonReader reader)
    {
        var from = (int)reader.TokenStartIndex;
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var copy = reader;
            copy.Skip();
            return $", but is {Excerpt.Of(_text[from..(int)copy.BytesConsumed])}";
        }

        return reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
            ? $", but is {Excerpt.Quoted(JsonText.Decode(reader.ValueSpan, reader.ValueIsEscaped))}"
            : $", but is {Excerpt.Of(reader.ValueSpan)}";
    }

    private static string List(IReadOnlyList<string> texts)
    {
        var shown = string.Join(", ", texts.Take(ListedValues).Select(text => Excerpt.Of(text)));
        return texts.Count <= ListedValues ? shown : $"{shown} and {texts.Count - ListedValues} more";
    }

    private static string Describe(JsonTypes types)
    {
        var names = new List<string>();
        foreach (var type in (JsonTypes[])[JsonTypes.String, JsonTypes.Number, JsonTypes.Integer, JsonTypes.Boolean, JsonTypes.Object, JsonTypes.Array])
        {
            if (types.HasFlag(type))
            {
                var name = type.ToString().ToLowerInvariant();
                names.Add((name[0] is 'o' or 'a' or 'i' ? "an " : "a ") + name);
            }
        }

        if (types.HasFlag(JsonTypes.Null))
        {
            names.Add("null");
        }

        return names.Count > 0 ? string.Join(" or ", names) : "of no type";
    }
}
