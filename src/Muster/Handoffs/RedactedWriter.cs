using System.Text;

namespace Muster.Handoffs;

/// <summary>Writes text line by line, each without secrets. It closes the writer below.</summary>
internal sealed class RedactedWriter(TextWriter to, Redaction redaction) : TextWriter
{
    private readonly StringBuilder line = new();

    public override Encoding Encoding => to.Encoding;

    public override void Write(char value)
    {
        line.Append(value);
        if (value == '\n')
            Pass();
    }

    public override void Write(string? value)
    {
        var rest = value.AsSpan();
        for (var end = rest.IndexOf('\n'); end >= 0; end = rest.IndexOf('\n'))
        {
            line.Append(rest[..(end + 1)]);
            Pass();
            rest = rest[(end + 1)..];
        }

        line.Append(rest);
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Pass();
            to.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Pass()
    {
        to.Write(redaction.Of(line.ToString()));
        line.Clear();
    }
}
