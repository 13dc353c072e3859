using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Muster.Reports.Charts;

namespace Muster.Reports;

/// <summary>
/// Writes one HTML page that loads nothing and runs nothing: its only style is in it, and the policy in its head allows no other. Every
/// text is escaped here.
/// </summary>
internal sealed class PageWriter(TextWriter to)
{
    private const double Wide = 848;
    private const double Narrow = 328;

    private static readonly string Style = ReadStyle();

    private int charts;

    public void Open(string title, string? subject)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));
        Line("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        Line($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">");
        Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">");
        Line($"<title>{HtmlText.Plain(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<header>\n<h1>{HtmlText.Of(title)}</h1>");
        if (subject is not null)
            Line($"<p class=\"sub\">{HtmlText.Of(subject)}</p>");
    }

    public void Body() => Line("</header>\n<main>");

    public void Close(string foot) => Line($"</main>\n<footer>{HtmlText.Of(foot)}</footer>\n</body>\n</html>");

    public void Section(string title) => Line($"<h2>{HtmlText.Of(title)}</h2>");

    public void Part(string title) => Line($"<h3>{HtmlText.Of(title)}</h3>");

    /// <param name="style">A class, or empty.</param>
    /// <param name="command">What to type, at its end.</param>
    public void Text(string text, string style = "", string? command = null) => Line(
        $"<p{(style.Length == 0 ? "" : $" class=\"{style}\"")}>{HtmlText.Of(text)}{(command is null ? "" : $" <code>{HtmlText.Of(command)}</code>")}</p>");

    public void Facts(IEnumerable<PageFact> facts)
    {
        Line("<dl class=\"facts\">");
        foreach (var fact in facts)
            Line($"<div><dt>{HtmlText.Of(fact.Name)}</dt><dd>{HtmlText.Of(fact.Value)}{(fact.Note is null ? "" : $"<small>{HtmlText.Of(fact.Note)}</small>")}</dd></div>");
        Line("</dl>");
    }

    /// <summary>An equation of whole numbers with their names. The first sign stands after the first number.</summary>
    public void Equation(IReadOnlyList<PageTerm> terms)
    {
        to.Write("<p class=\"equation\">");
        foreach (var term in terms)
            to.Write($"<span class=\"term\">{(term.Sign.Length == 0 ? "" : $"<i>{HtmlText.Of(term.Sign)}</i> ")}<span><b>{Amount.Grouping(term.Number)}</b> <small>{HtmlText.Of(term.Name)}</small></span></span> ");
        Line("</p>");
    }

    public void Figure(IChart chart, string caption)
    {
        var id = $"chart{++charts}";
        Line("<figure>");
        to.Write(chart.Draw(id, "wide", Wide));
        to.Write(chart.Draw($"{id}n", "narrow", Narrow));
        Line($"<figcaption>{HtmlText.Of(caption)}</figcaption>\n</figure>");
    }

    /// <param name="columns">One letter each: l left, w left and wide with its line breaks, n left and never broken (for words of our own), c middle, r right.</param>
    /// <param name="head">Empty for none.</param>
    /// <param name="total">The last row, set apart; null for none.</param>
    public void Table(string name, string columns, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<PageCell>> rows, IReadOnlyList<PageCell>? total = null)
    {
        Line($"<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{HtmlText.Plain(name)}\"><table>");
        if (head.Count > 0)
        {
            to.Write("<thead><tr>");
            for (var i = 0; i < head.Count; i++)
                to.Write($"<th scope=\"col\"{Align(columns[i])}>{HtmlText.Of(head[i])}</th>");
            Line("</tr></thead>");
        }

        Line("<tbody>");
        foreach (var row in rows)
            Row("<tr>", columns, row);
        if (total is not null)
            Row("<tr class=\"sum\">", columns, total);
        Line("</tbody></table></div>");
    }

    public void OpenDetails(string summary) => Line($"<details><summary>{HtmlText.Of(summary)}</summary>");

    public void CloseDetails() => Line("</details>");

    private void Row(string open, string columns, IReadOnlyList<PageCell> cells)
    {
        to.Write(open);
        for (var i = 0; i < cells.Count; i++)
            to.Write($"<td{Align(columns[i])}>{(cells[i].Style is { } style ? $"<span class=\"cell {style}\">{HtmlText.Of(cells[i].Text)}</span>" : HtmlText.Of(cells[i].Text))}</td>");
        Line("</tr>");
    }

    private static string Align(char column) => column == 'l' ? "" : $" class=\"{column}\"";

    private void Line(string text)
    {
        to.Write(text);
        to.Write('\n');
    }

    private static string ReadStyle()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Muster.Reports.report.css")
            ?? throw new InvalidOperationException("No embedded report.css.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <param name="Note">Small, under the value.</param>
internal sealed record PageFact(string Name, string Value, string? Note = null);

/// <param name="Sign">Before the number; empty for the first.</param>
internal sealed record PageTerm(string Sign, long Number, string Name);

/// <param name="Style">A class of the mark around the text; null for plain text.</param>
internal sealed record PageCell(string Text, string? Style = null)
{
    public static implicit operator PageCell(string text) => new(text);

    public static implicit operator PageCell(long number) => new(Amount.Grouping(number));
}
