using System.Text;
using System.Text.Json;
using Muster.Simulator.Faults;
using Muster.Simulator.Rules;

namespace Muster.Simulator.Answers;

/// <summary>What an engine is asked: one row's own text, and the parts that it shares with others. Reused from row to row.</summary>
internal sealed class Ask
{
    private char[] _text = new char[1024];
    private int _length;

    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    public TextWords Words { get; } = new();

    /// <summary>Of seed, model and text: equal inputs get equal answers.</summary>
    public ulong Hash { get; set; }

    public ModelFacts Model { get; set; } = null!;

    public SystemPart System { get; set; } = null!;

    public SchemaPart Schema { get; set; } = null!;

    public RowFate Fate { get; set; }

    /// <summary>The custom_id, UTF-8.</summary>
    public byte[] Id { get; set; } = [];

    public void ReadText(ReadOnlySpan<byte> parameters, RequestFacts facts)
    {
        _length = 0;
        for (var i = 0; i < facts.UserTexts.Count; i++)
        {
            var slice = facts.UserTexts[i];
            if (_length + slice.Length + 1 > _text.Length)
            {
                Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + slice.Length + 1));
            }

            if (i > 0)
            {
                _text[_length++] = '\n';
            }

            _length += Decode(parameters, slice, _text.AsSpan(_length));
        }
    }

    private static int Decode(ReadOnlySpan<byte> parameters, Slice slice, Span<char> into)
    {
        var raw = slice.Of(parameters);
        if (raw.IndexOf((byte)'\\') < 0)
        {
            return Encoding.UTF8.GetChars(raw, into);
        }

        try
        {
            var reader = new Utf8JsonReader(parameters.Slice(slice.Start - 1, slice.Length + 2));
            reader.Read();
            return reader.CopyString(into);
        }
        catch (InvalidOperationException)
        {
            // Lone surrogates and bad UTF-8 have no text; the service answers something all the same.
            return Encoding.UTF8.GetChars(raw, into);
        }
    }
}
