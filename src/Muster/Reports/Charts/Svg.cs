using System.Globalization;
using System.Text;

namespace Muster.Reports.Charts;

/// <summary>Writes one drawing. Colours are classes that the page's style defines; every text is escaped here.</summary>
internal sealed class Svg
{
    private readonly StringBuilder body = new();

    /// <summary>Units to the left edge of the page, which are CSS pixels where the drawing is shown at its own size.</summary>
    public static string N(double value) => (double.IsFinite(value) ? Math.Round(value, 2) : 0).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Of a label at 12 px, rather too much than too little: after the widest of the usual faces, DejaVu Sans.</summary>
    public static double TextWidth(string text) => text.Sum(WidthOf);

    /// <summary>The text cut to a width, with an ellipsis in place of what is missing.</summary>
    public static string Fit(string text, double width)
    {
        if (TextWidth(text) <= width)
            return text;
        var room = width - WidthOf('…');
        var cut = 0;
        while (cut < text.Length && (room -= WidthOf(text[cut])) >= 0)
            cut++;
        // Not between the halves of a pair.
        return text[..(cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut)] + "…";
    }

    private static double WidthOf(char c) => c switch
    {
        'i' or 'j' or 'l' or '.' or ',' or ':' or ';' or '\'' or '|' or ' ' or '/' => 4.1,
        'f' or 'r' or 't' or '-' or '(' or ')' or '[' or ']' => 4.9,
        'm' or 'M' or 'W' or 'w' or '@' or '%' or '…' => 11.8,
        >= 'A' and <= 'Z' => 8.6,
        >= 'a' and <= 'z' => 7.6,
        >= '0' and <= '9' => 7.7,
        < '\u0080' => 7.6,
        // Half of a pair stands for half of a wide character.
        _ => 12,
    };

    public Svg Rect(string style, double x, double y, double width, double height, string? title = null)
    {
        body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, width))}\" height=\"{N(Math.Max(0, height))}\"");
        return Close("rect", title);
    }

    public Svg Line(string style, double x1, double y1, double x2, double y2)
    {
        body.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>\n");
        return this;
    }

    public Svg Path(string style, string data, string? title = null)
    {
        body.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{data}\"");
        return Close("path", title);
    }

    public Svg Circle(string style, double x, double y, double radius, string? title = null)
    {
        body.Append(CultureInfo.InvariantCulture, $"<circle class=\"{style}\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"");
        return Close("circle", title);
    }

    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="whole">What the text was cut from; null when it was not.</param>
    public Svg Text(string style, double x, double y, string text, string anchor = "start", string? whole = null)
    {
        body.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\"{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}>");
        if (whole is not null && whole != text)
            body.Append("<title>").Append(HtmlText.Plain(whole)).Append("</title>");
        body.Append(HtmlText.Plain(text)).Append("</text>\n");
        return this;
    }

    /// <summary>The finished drawing. It has a name and a description for who cannot see it.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="style">A class of the whole drawing.</param>
    public string End(string id, string style, double width, double height, ChartName name) =>
        $"<svg class=\"{style}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" viewBox=\"0 0 {N(width)} {N(height)}\" width=\"{N(width)}\" height=\"{N(height)}\" xmlns=\"http://www.w3.org/2000/svg\">\n"
        + $"<title id=\"{id}-t\">{HtmlText.Plain(name.Title)}</title>\n<desc id=\"{id}-d\">{HtmlText.Plain(name.Description)}</desc>\n{body}</svg>\n";

    private Svg Close(string element, string? title)
    {
        if (title is null)
            body.Append("/>\n");
        else
            body.Append("><title>").Append(HtmlText.Plain(title)).Append("</title></").Append(element).Append(">\n");
        return this;
    }
}
