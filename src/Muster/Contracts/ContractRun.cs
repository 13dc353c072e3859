using System.Buffers;
using System.Text.Json;

namespace Muster.Contracts;

/// <summary>
/// One check of one text: the reader walks the text once, in document order; a combination of schemas walks its value again on a copy
/// of the reader, which is a value. Methods that return false have recorded why, unless the run is quiet (inside an alternative).
/// </summary>
internal ref partial struct ContractRun
{
    public const int MaxDepth = 64;

    /// <summary>Far beyond any answer of a model; below it every buffer length fits an <see cref="int"/>.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Steps that every text may take, so that small texts never meet the budget; measured use is about one per token.</summary>
    public const long BaseSteps = 20_000;

    /// <summary>With this the work grows with the text and with nothing else, whatever the schema's alternatives nest.</summary>
    public const long StepsPerByte = 64;

    /// <summary>Bytes that a string comparison or a skip handles in about the time of one step.</summary>
    private const int BytesPerStepShift = 5;

    private readonly ReadOnlySpan<byte> _text;
    private long _steps;
    private int _quiet;
    private long _failedAt;
    private string _failedKeyword;
    private bool _isSpent;
    private Violation? _violation;
    private NameTracker _names;
    private CanonicalJson _canonical;
    private byte[]? _scratch;

    public ContractRun(ReadOnlySpan<byte> text)
    {
        _text = text;
        _steps = BaseSteps + (StepsPerByte * text.Length);
        _failedKeyword = "";
    }

    public readonly Violation? Violation => _violation;

    public void Return()
    {
        _names.Return();
        _canonical.Return();
        if (_scratch is not null)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
            _scratch = null;
        }
    }

    /// <summary>Checks the value that the reader stands on and leaves the reader on its last token.</summary>
    public bool Check(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        while (node.Forward is not null)
        {
            node = node.Forward;
        }

        if (--_steps < 0)
        {
            return FailBudget(ref reader);
        }

        return node.Combined is null ? CheckOwn(node, ref reader) : CheckCombined(node, ref reader);
    }

    private bool CheckOwn(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        if (node.IsNothing)
        {
            return Fail("false", ref reader, "must be absent");
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return !node.Allows(JsonTypes.Object) ? FailType(node, ref reader)
                    : node.Enum is null && node.Const is null ? CheckObject(node.Objects, ref reader)
                    : CheckListed(node, ref reader) && CheckObject(node.Objects, ref reader);
            case JsonTokenType.StartArray:
                return !node.Allows(JsonTypes.Array) ? FailType(node, ref reader)
                    : node.Enum is null && node.Const is null ? CheckArray(node.Arrays, ref reader)
                    : CheckListed(node, ref reader) && CheckArray(node.Arrays, ref reader);
            case JsonTokenType.String or JsonTokenType.PropertyName:
                return !node.Allows(JsonTypes.String) ? FailType(node, ref reader) : CheckString(node, ref reader);
            case JsonTokenType.Number:
                return CheckNumber(node, ref reader);
            case JsonTokenType.True or JsonTokenType.False:
                return !node.Allows(JsonTypes.Boolean) ? FailType(node, ref reader) : CheckListed(node, ref reader);
            default:
                return !node.Allows(JsonTypes.Null) ? FailType(node, ref reader) : CheckListed(node, ref reader);
        }
    }

    /// <summary>Walks a value that no schema speaks about; outside alternatives its objects are still searched for repeated names.</summary>
    private bool Skip(scoped ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when _quiet == 0:
                return CheckObject(ObjectRules.Open, ref reader);
            case JsonTokenType.StartArray when _quiet == 0:
                return CheckArray(rules: null, ref reader);
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var from = reader.TokenStartIndex;
                reader.Skip();
                return Charge(reader.TokenStartIndex - from, ref reader);
            default:
                return true;
        }
    }

    private bool CheckListed(SchemaNode node, scoped ref Utf8JsonReader reader)
    {
        if (node.Const is not null && !Holds(node.Const, ref reader))
        {
            return FailConst(node.Const, ref reader);
        }

        return node.Enum is null || Holds(node.Enum, ref reader) || FailEnum(node.Enum, ref reader);
    }

    private bool Holds(ValueSet set, scoped ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return set.Null;
            case JsonTokenType.True:
                return set.True;
            case JsonTokenType.False:
                return set.False;
            case JsonTokenType.String or JsonTokenType.PropertyName:
                return set.Strings.Find(Content(ref reader)) >= 0;
            default:
                if (set.Others.Count == 0)
                {
                    return false;
                }

                var copy = reader;
                _canonical.Clear();
                _canonical.Append(ref copy);
                return Charge(_canonical.Length, ref reader) && set.Others.Find(_canonical[0, _canonical.Length]) >= 0;
        }
    }

    /// <summary>The content of the string or name that the reader stands on; valid until the next call.</summary>
    private ReadOnlySpan<byte> Content(scoped ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return _text.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        var raw = reader.ValueSpan;
        if (_scratch is null || _scratch.Length < raw.Length)
        {
            if (_scratch is not null)
            {
                ArrayPool<byte>.Shared.Return(_scratch);
            }

            _scratch = ArrayPool<byte>.Shared.Rent(Math.Max(256, raw.Length));
        }

        return _scratch.AsSpan(0, JsonText.Unescape(raw, _scratch));
    }

    private bool Charge(long bytes, scoped ref Utf8JsonReader reader)
    {
        _steps -= bytes >> BytesPerStepShift;
        return _steps >= 0 || FailBudget(ref reader);
    }
}
