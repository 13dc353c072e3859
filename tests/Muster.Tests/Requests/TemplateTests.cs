using Muster.Requests;

namespace Muster.Tests.Requests;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("{{a}}", "1")]
    [InlineData("{{ a }}-{{two words}}", "1-2")]
    [InlineData("{{#a}}has {{a}}{{/a}}", "has 1")]
    [InlineData("{{^a}}none{{/a}}", "")]
    [InlineData("{{#empty}}has{{/empty}}", "")]
    [InlineData("{{^empty}}none{{/empty}}", "none")]
    [InlineData("{{^blank}}none{{/blank}}[{{blank}}]", "none[  ]")]
    [InlineData("{{#a}}{{^empty}}both{{/empty}}{{/a}}", "both")]
    [InlineData("{{#empty}}x{{#a}}y{{/a}}z{{/empty}}!", "!")]
    [InlineData("{{#a}}x{{#a}}y{{/a}}z{{/a}}", "xyz")]
    [InlineData("\\{{a}}", "{{a}}")]
    [InlineData("\\\\{{a}}", "\\1")]
    [InlineData("c:\\dir {a} }} {", "c:\\dir {a} }} {")]
    [InlineData("{\"sku\":{{a}}}", "{\"sku\":1}")]
    [InlineData("{ {{a}} }", "{ 1 }")]
    [InlineData("{{a}}{{a}}{{a}}", "111")]
    [InlineData("x\n{{#a}}\ny\n{{/a}}\nz", "x\ny\nz")]
    [InlineData("x\n  {{#empty}}  \ny\n  {{/empty}}\nz", "x\nz")]
    [InlineData("x\r\n{{#a}}\r\ny\r\n{{/a}}\r\nz", "x\r\ny\r\nz")]
    [InlineData("x\n{{#a}}y{{/a}}\nz", "x\ny\nz")]
    [InlineData("{{#a}}\ny{{/a}}", "y")]
    [InlineData("y\n{{^empty}}\nz\n{{/empty}}", "y\nz\n")]
    [InlineData("{{#1st}}n{{/1st}}", "n")]
    public void Text_is_rendered(string template, string expected)
    {
        var compiled = Rows.Compile(template, "a", "two words", "empty", "blank", "1st");

        compiled.RenderText(Rows.Row("1", "2", "", "  ", "x")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{{b}}", 1, 1, "\"b\" is neither a column nor a value", "Columns: a, name.")]
    [InlineData("x\n {{nmae}}", 2, 2, "Did you mean `name`?", "Columns: a, name.")]
    [InlineData("{{A}}", 1, 1, "Did you mean `a`?", "Columns")]
    [InlineData("{{#a}}x", 1, 1, "the section {{#a}} is never closed", "{{/a}}")]
    [InlineData("{{^a}}x", 1, 1, "the section {{^a}} is never closed", "{{/a}}")]
    [InlineData("x{{/a}}", 1, 2, "closes a section that is not open", "{{#a}}")]
    [InlineData("{{#a}}{{#name}}{{/a}}{{/name}}", 1, 16, "stands where the section {{#name}} of line 1 must be closed", "Write `{{/name}}` here.")]
    [InlineData("{{a", 1, 1, "is not followed by `}}` on its line", "\\{{")]
    [InlineData("{{a\n}}", 1, 1, "is not followed by `}}` on its line", "\\{{")]
    [InlineData("{{}}", 1, 1, "a name is expected", "\\{{")]
    [InlineData("{{#}}", 1, 1, "a name is expected", "\\{{")]
    [InlineData("{{ a { b }}", 1, 1, "a name is expected", "\\{{")]
    [InlineData("{{{a}}}", 1, 1, "three braces in a row", "put a space after the first brace")]
    [InlineData("{{! note }}", 1, 1, "`{{!` is not part of the template language", "Only")]
    [InlineData("{{>a}}", 1, 1, "`{{>` is not part of the template language", "Only")]
    [InlineData("{{&a}}", 1, 1, "`{{&` is not part of the template language", "Only")]
    public void A_fault_is_named_with_line_and_column(string template, int line, int column, string message, string hint)
    {
        var refusal = Should.Throw<TemplateException>(() => Rows.Compile(template, "a", "name"));

        var fault = refusal.Faults.First(f => f.Message.Contains(message, StringComparison.Ordinal));
        (fault.Line, fault.Column).ShouldBe((line, column));
        fault.Hint.ShouldContain(hint);
        refusal.Message.ShouldContain($"prompt.user, line {line}, column {column}: ");
    }

    [Fact]
    public void Every_fault_of_a_template_is_told()
    {
        Should.Throw<TemplateException>(() => Rows.Compile("{{x}} {{y}}\n{{#a}}", "a")).Faults.Count.ShouldBe(3);
    }

    [Fact]
    public void Values_are_constants_and_are_never_read_as_template()
    {
        var values = new Dictionary<string, string> { ["tone"] = "{{a}}", ["none"] = "" };

        var template = Template.Compile("prompt.user", "{{tone}}{{#tone}}+{{/tone}}{{^tone}}-{{#a}}x{{/a}}{{/tone}}{{#none}}no{{a}}{{/none}}{{^none}}yes{{/none}}", ["a"], values);

        template.Constant.ShouldNotBeNull();
        template.RenderText(Rows.Row("1")).ShouldBe("{{a}}+yes");
    }

    [Fact]
    public void Text_from_a_row_is_never_read_as_template()
    {
        Rows.Compile("{{a}}{{b}}", "a", "b").RenderText(Rows.Row("{{b}}", "{{#a}}\\{{")).ShouldBe("{{b}}{{#a}}\\{{");
    }

    [Fact]
    public void A_name_that_is_column_and_value_is_refused()
    {
        var values = new Dictionary<string, string> { ["a"] = "x" };

        Should.Throw<TemplateException>(() => Template.Compile("prompt.user", "{{a}}", ["a"], values)).Message.ShouldContain("both a column and a value");
    }

    [Fact]
    public void Nesting_is_limited()
    {
        var deep = string.Concat(Enumerable.Repeat("{{#a}}", 40)) + string.Concat(Enumerable.Repeat("{{/a}}", 40));

        Should.Throw<TemplateException>(() => Rows.Compile(deep, "a")).Message.ShouldContain("nested deeper than 32");
    }

    [Theory]
    [InlineData("[\"1\"]", "1|")]
    [InlineData("[\"1\",null]", "1|")]
    [InlineData("[]", "|")]
    [InlineData("[12.50,true]", "12.50|true")]
    [InlineData("[{\"x\": [1,\"a\\n\"]},0]", "{\"x\": [1,\"a\\n\"]}|0")]
    [InlineData("[\"\\u0041\\/\\ud83d\\ude00\",\"\\u2028\"]", "A/😀|\u2028")]
    public void Input_may_hold_any_JSON_value(string json, string expected)
    {
        Rows.Compile("{{a}}|{{b}}", "a", "b").RenderText(Rows.Row(2, json)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("\\ud83d\\ude00", "😀")]
    [InlineData("\\u00e9", "é")]
    [InlineData("\\u0001\\u001F\\u0008", "\\u0001\\u001f\\b")]
    [InlineData("\\u2028\\u2029", "\\u2028\\u2029")]
    [InlineData("a\u2028b\u2029c\u201cd", "a\\u2028b\\u2029c\u201cd")]
    [InlineData("\\\"\\\\\\/\\n\\r\\t\\f", "\\\"\\\\/\\n\\r\\t\\f")]
    [InlineData("\\u0022\\u005c\\u000a", "\\\"\\\\\\n")]
    public void Escapes_of_the_source_come_out_in_one_form(string inside, string expected)
    {
        Rows.Render(Rows.Compile("{{a}}", "a"), Rows.Row(1, $"[\"{inside}\"]")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("[\"\\ud83d\"]", "REQ.RENDER_FAILED.lone_surrogate")]
    [InlineData("[\"\\ude00\\ud83d\"]", "REQ.RENDER_FAILED.lone_surrogate")]
    [InlineData("[\"\\ud83dx\"]", "REQ.RENDER_FAILED.lone_surrogate")]
    [InlineData("{}", "REQ.RENDER_FAILED.input_unreadable")]
    [InlineData("[\"a", "REQ.RENDER_FAILED.input_unreadable")]
    [InlineData("", "REQ.RENDER_FAILED.input_unreadable")]
    public void Input_that_the_API_would_refuse_is_a_fault_of_the_row(string json, string reason)
    {
        new RowInput([true]).Read(System.Text.Encoding.UTF8.GetBytes(json)).ShouldNotBeNull().Reason.ShouldBe(reason);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_a_fault_of_the_row()
    {
        new RowInput([true]).Read(new byte[] { (byte)'[', (byte)'"', 0xC0, 0x80, (byte)'"', (byte)']' }).ShouldNotBeNull().Reason.ShouldBe("REQ.RENDER_FAILED.not_utf8");
    }

    [Fact]
    public void A_column_that_no_template_names_is_not_looked_at()
    {
        var row = new RowInput([false, true]);

        row.Read("[\"\\ud83d\",\"b\"]"u8.ToArray()).ShouldBeNull();

        Rows.Compile("{{b}}", "a", "b").RenderText(row).ShouldBe("b");
    }

    [Theory]
    [InlineData("{{a}}", true)]
    [InlineData(" \n{{a}}\t", true)]
    [InlineData("{{#a}}x{{/a}}", true)]
    [InlineData("{{^a}}x{{/a}}", false)]
    [InlineData("{{^a}}{{a}}{{/a}} ", true)]
    [InlineData("x", false)]
    public void A_blank_rendering_is_known_beforehand(string template, bool isBlank)
    {
        foreach (var blank in (string[])["", " ", "\n\t", "\u00a0\u2003", "\u0085"])
        {
            Rows.Compile(template, "a").IsBlank(Rows.Row(blank)).ShouldBe(isBlank);
            Rows.Compile(template, "a").IsBlank(Rows.RawRow(blank)).ShouldBe(isBlank);
        }
    }
}
