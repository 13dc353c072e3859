using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muster.Requests;

namespace Muster.Tests.Requests;

/// <summary>Rows and templates for tests.</summary>
internal static class Rows
{
    public static readonly IReadOnlyDictionary<string, string> NoValues = new Dictionary<string, string>();

    public static Template Compile(string text, params string[] columns) => Template.Compile("prompt.user", text, columns, NoValues);

    public static RowInput Row(int columns, string json) => Read(columns, Encoding.UTF8.GetBytes(json));

    public static RowInput Row(params string?[] values) => Read(values.Length, JsonSerializer.SerializeToUtf8Bytes(values));

    /// <summary>With as little escaped as JSON allows.</summary>
    public static RowInput RawRow(params string?[] values) => Read(values.Length, JsonSerializer.SerializeToUtf8Bytes(values, Relaxed));

    public static string Render(Template template, RowInput row)
    {
        var buffer = new RequestBuffer();
        template.Render(row, buffer);
        return Encoding.UTF8.GetString(buffer.Written);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static RowInput Read(int columns, byte[] json)
    {
        var row = new RowInput([.. Enumerable.Repeat(true, columns)]);
        row.Read(json).ShouldBeNull();
        return row;
    }
}
