namespace Muster.Review;

/// <summary>Quarantined rows as CSV that a spreadsheet opens without calculating: a cell that would begin a formula gets an apostrophe.</summary>
internal sealed class QuarantineCsv(TextWriter to)
{
    public void Header() => to.Write("key,line,issue,reason,message\r\n");

    public void Row(params ReadOnlySpan<string?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                to.Write(',');
            to.Write(Cell(cells[i] ?? ""));
        }

        to.Write("\r\n");
    }

    internal static string Cell(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
