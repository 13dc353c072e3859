using System.Text;

namespace Muster.Promotion;

/// <summary>The only way a name gets into a statement.</summary>
internal static class Identifier
{
    /// <summary>PostgreSQL's limit, kept here so that a job moves between databases.</summary>
    internal const int MaxBytes = 63;

    internal static string Quote(string name)
    {
        if (Fault(name) is { } fault) throw new TargetException(fault.Message, fault.Hint);
        return "\"" + name.Replace("\"", "\"\"") + "\"";
    }

    internal static TargetFault? Fault(string name)
    {
        if (name.Length == 0) return new("A table or column has an empty name.", "Name it in the job's target.");
        if (name.Contains('\0')) return new($"The name {Show(name)} contains a NUL character.", "Rename the column or table.");
        var bytes = Encoding.UTF8.GetByteCount(name);
        return bytes <= MaxBytes
            ? null
            : new($"The name {Show(name)} has {bytes} bytes; {MaxBytes} is the most.", "Rename the column or table.");
    }

    /// <summary>For messages: cut, control characters escaped.</summary>
    internal static string Show(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var c in text.Length <= 80 ? text : text[..80])
        {
            if (char.IsControl(c)) shown.Append($"\\u{(int)c:x4}");
            else shown.Append(c);
        }

        return shown.Append(text.Length <= 80 ? "\"" : "…\"").ToString();
    }
}
