using System.Text;
using System.Text.Json;

namespace Muster.Simulator.Rules;

/// <summary>One request found in a create body; returns the refusal of the whole create, or null.</summary>
internal delegate string? RowFound(int index, ReadOnlySpan<byte> customId, ReadOnlySpan<byte> parameters);

/// <summary>
/// Reads a create body in pieces, token by token, and never needs more of it than one request. Ends with a
/// <see cref="Refusal"/> or with <see cref="IsComplete"/>.
/// </summary>
internal sealed class RequestScanner(int maxRequests, RowFound onRow, string? tooMany = null)
{
    private const int RootDepth = 0;
    private const int RowDepth = 2;
    private const int MaxDepth = 1_000;
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private Place _place = Place.Root;
    private int _at;
    private int _rowStart;
    private int _paramsStart;
    private int _paramsEnd;
    private byte[]? _id;
    private string? _rowFault;
    private bool _sawRequests;
    private string? _fault;

    private enum Place
    {
        Root,
        TopLevel,
        Requests,
        Rows,
        Row,
        Id,
        Params,
        InParams,
        Skipped,
        Done,
    }

    public int Count { get; private set; }

    public string? Refusal { get; private set; }

    public bool IsComplete => Refusal is null && _fault is null && _place == Place.Done;

    /// <summary>Whether the last scan got further; when not, more bytes are worth waiting for.</summary>
    public bool Progressed { get; private set; }

    /// <summary>Returns how many leading bytes are done with; the rest must lead the next call.</summary>
    public int Scan(ReadOnlySpan<byte> data, bool last)
    {
        try
        {
            var reader = new Utf8JsonReader(data[_at..], last, _state);
            while (reader.Read())
            {
                // What is not JSON outranks what is not a batch, so the rest is still read.
                if (_fault is null)
                {
                    Step(ref reader, data);
                }
            }

            Progressed = reader.BytesConsumed > 0;
            _at += (int)reader.BytesConsumed;
            _state = reader.CurrentState;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a property name that is not text, such as a lone surrogate.
            Refusal = CreateRules.NotJson(e.Message);
        }

        if (last)
        {
            Refusal ??= _fault ?? (_place == Place.Done ? null : CreateRules.NotJson("unexpected end of data"));
        }

        var done = Refusal is not null ? data.Length
            : _fault is not null ? _at
            : _place is Place.Row or Place.Id or Place.Params or Place.InParams or Place.Skipped && _rowStart >= 0 ? Math.Min(_rowStart, _at)
            : _at;
        _at -= Math.Min(done, _at);
        _rowStart -= done;
        _paramsStart -= done;
        _paramsEnd -= done;
        return done;
    }

    private void Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        switch (_place)
        {
            case Place.Root:
                _fault = reader.TokenType == JsonTokenType.StartObject ? null : CreateRules.NotAnObject;
                _place = Place.TopLevel;
                _rowStart = -1;
                break;
            case Place.TopLevel when reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == RootDepth:
                _fault = _sawRequests ? null : CreateRules.RequestsMissing;
                _place = Place.Done;
                break;
            case Place.TopLevel:
                _sawRequests |= reader.ValueTextEquals("requests"u8);
                _fault = reader.ValueTextEquals("requests"u8) ? null : CreateRules.Extra(reader.GetString()!);
                _place = Place.Requests;
                break;
            case Place.Requests:
                _fault = reader.TokenType == JsonTokenType.StartArray ? null : CreateRules.RequestsNotList;
                _place = Place.Rows;
                break;
            case Place.Rows when reader.TokenType == JsonTokenType.EndArray:
                _fault = Count == 0 ? CreateRules.Empty : null;
                _place = Place.TopLevel;
                break;
            case Place.Rows:
                StartRow(ref reader);
                break;
            case Place.Row when reader.TokenType == JsonTokenType.EndObject:
                EndRow(data);
                break;
            case Place.Row:
                _place = reader.ValueTextEquals("custom_id"u8) ? Place.Id : reader.ValueTextEquals("params"u8) ? Place.Params : Place.Skipped;
                if (_place == Place.Skipped)
                {
                    _rowFault ??= CreateRules.Extra($"requests.{Count}.{reader.GetString()}");
                }

                break;
            case Place.Id:
                ReadId(ref reader);
                break;
            case Place.Params:
                _paramsStart = _at + (int)reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    _place = Place.InParams;
                }
                else
                {
                    _rowFault ??= CreateRules.ParamsNotObject(Count);
                    LeaveValue(ref reader);
                }

                break;
            case Place.InParams when reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == RowDepth + 1:
                _paramsEnd = _at + (int)reader.BytesConsumed;
                _place = Place.Row;
                break;
            case Place.InParams:
                break;
            case Place.Skipped:
                LeaveValue(ref reader);
                break;
            default:
                _fault = CreateRules.NotJson("data after the end");
                break;
        }
    }

    private void StartRow(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            _fault = CreateRules.RowNotObject(Count);
            return;
        }

        if (Count == maxRequests)
        {
            _fault = tooMany ?? CreateRules.TooMany(maxRequests);
            return;
        }

        _place = Place.Row;
        _rowStart = _at + (int)reader.TokenStartIndex;
        _paramsEnd = int.MinValue;
        _id = null;
        _rowFault = null;
    }

    private void ReadId(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            _id = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(Unescaped(ref reader)) : reader.ValueSpan.ToArray();
            _place = Place.Row;
            return;
        }

        _rowFault ??= CreateRules.IdNotText(Count);
        LeaveValue(ref reader);
    }

    private static string Unescaped(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate has no text; any character outside the pattern stands for it.
            return "\uFFFD";
        }
    }

    private void LeaveValue(ref Utf8JsonReader reader) =>
        _place = reader.CurrentDepth == RowDepth + 1
            && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) ? Place.Row : Place.Skipped;

    private void EndRow(ReadOnlySpan<byte> data)
    {
        _fault = _id is null ? _rowFault ?? CreateRules.IdMissing(Count)
            : CreateRules.JudgeId(_id, Count)
                ?? _rowFault
                ?? (_paramsEnd < 0 ? CreateRules.ParamsMissing(Count) : onRow(Count, _id, data[_paramsStart.._paramsEnd]));
        Count++;
        _place = Place.Rows;
    }
}
