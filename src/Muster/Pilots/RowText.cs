using System.Text;
using System.Text.Json;
using Muster.Requests;

namespace Muster.Pilots;

/// <summary>
/// The text that a row puts into the prompt: the values of the template's columns, a line each, with what one look at its characters
/// shows. One instance is read into again for each row.
/// </summary>
internal sealed class RowText(IReadOnlyList<int> columns)
{
    private readonly int[] letters = new int[Letters.Scripts];
    private char[] text = new char[1024];
    private char[] folded = new char[1024];
    private int length;

    /// <summary>As it stands.</summary>
    public ReadOnlySpan<char> Text => text.AsSpan(0, length);

    /// <summary>In lower case.</summary>
    public ReadOnlySpan<char> Folded => folded.AsSpan(0, length);

    /// <summary>Characters (Unicode scalars), line breaks between the columns left out.</summary>
    public int Characters { get; private set; }

    public int BlankColumns { get; private set; }

    public int AllLetters { get; private set; }

    /// <summary>The first odd character, or null.</summary>
    public Rune? Odd { get; private set; }

    public int LettersOf(Script script) => letters[(int)script];

    public void Read(RowInput row)
    {
        (length, BlankColumns) = (0, 0);
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0)
                Append("\n");
            var value = row[columns[i]];
            BlankColumns += value.IsBlank ? 1 : 0;
            Append(row, value);
        }

        if (folded.Length < length)
            folded = new char[text.Length];
        Text.ToLowerInvariant(folded);
        Look();
    }

    private void Append(RowInput row, in RowValue value)
    {
        var bytes = row.Bytes(value);
        Reserve(bytes.Length);
        if (value.Form != ValueForm.Escaped)
        {
            length += Encoding.UTF8.GetChars(bytes, text.AsSpan(length));
            return;
        }

        var reader = new Utf8JsonReader(Quoted(bytes));
        reader.Read();
        length += reader.CopyString(text.AsSpan(length));
    }

    private static byte[] Quoted(ReadOnlySpan<byte> inside)
    {
        var quoted = new byte[inside.Length + 2];
        inside.CopyTo(quoted.AsSpan(1));
        quoted[0] = quoted[^1] = (byte)'"';
        return quoted;
    }

    private void Append(string separator)
    {
        Reserve(separator.Length);
        separator.CopyTo(text.AsSpan(length));
        length += separator.Length;
    }

    private void Reserve(int more)
    {
        if (length + more > text.Length)
            Array.Resize(ref text, Math.Max(length + more, text.Length * 2));
    }

    private void Look()
    {
        Array.Clear(letters);
        (Characters, AllLetters, Odd) = (-Math.Max(0, columns.Count - 1), 0, null);
        foreach (var rune in Text.EnumerateRunes())
        {
            Characters++;
            var script = Letters.ScriptOf(rune);
            if (script != Script.None)
            {
                letters[(int)script]++;
                AllLetters++;
            }
            else if (Odd is null && Letters.IsOdd(rune))
            {
                Odd = rune;
            }
        }
    }
}
