using System.Buffers;

namespace Muster.Requests;

/// <summary>Renders a template into any writer: the inside of a JSON string, escaped, as UTF-8.</summary>
internal static class TemplateRenderer
{
    public static void Render(Template template, RowInput row, IBufferWriter<byte> utf8)
    {
        row.Buffer.CutTo(0);
        template.Render(row, row.Buffer);
        utf8.Write(row.Buffer.Written);
    }
}
