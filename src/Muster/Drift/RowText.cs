using System.Text.Json;

namespace Muster.Drift;

/// <summary>Hands out the texts of a JSON value without making strings of them.</summary>
internal sealed class RowText
{
    private char[] buffer = new char[1024];

    /// <summary>The text of a string or property name, or the JSON of a number, boolean or null. Good until the next call.</summary>
    public ReadOnlySpan<char> Of(scoped ref Utf8JsonReader reader)
    {
        var bytes = reader.ValueSpan.Length;
        if (bytes > buffer.Length)
            buffer = new char[Math.Max(bytes, buffer.Length * 2)];
        if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
        {
            try
            {
                return buffer.AsSpan(0, reader.CopyString(buffer));
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair has no text; what surrounds the escape is read as it stands.
            }
        }

        return buffer.AsSpan(0, System.Text.Encoding.UTF8.GetChars(reader.ValueSpan, buffer));
    }
}
