using System.Buffers;
using System.Text;
using System.Text.Json;
using Muster.Jobs;
using Muster.Requests;

namespace Muster.Tests.Requests;

public sealed class RequestRendererTests
{
    private static readonly TierSpec Tier = new("claude-haiku-4-5", 300);

    [Fact]
    public void A_plain_request_is_these_bytes()
    {
        Render(Tier, "Sort: {{a}}", system: null, schema: null, Rows.Row("tea")).ShouldBe(
            """{"custom_id":"k-1","params":{"model":"claude-haiku-4-5","max_tokens":300,"messages":[{"role":"user","content":"Sort: tea"}]}}""");
    }

    [Fact]
    public void A_full_request_is_these_bytes()
    {
        var tier = Tier with
        {
            Thinking = ThinkingKind.Enabled,
            ThinkingBudgetTokens = 2048,
            Effort = "low",
            Params = new Dictionary<string, string> { ["stop_sequences"] = "[ \"x\" ]", ["metadata"] = "{}" },
        };

        const string expected = """
            {"custom_id":"k-1","params":{"model":"claude-haiku-4-5","max_tokens":300,"system":"Be \"brief\".\n","messages":[{"role":"user","content":"tea"}],
            "thinking":{"type":"enabled","budget_tokens":2048},"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object"}}},
            "metadata":{},"stop_sequences":["x"]}}
            """;
        Render(tier, "{{a}}", "Be \"brief\".\n", "{ \"type\": \"object\" }", Rows.Row("tea")).ShouldBe(expected.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(ThinkingKind.Disabled, "\"thinking\":{\"type\":\"disabled\"}")]
    [InlineData(ThinkingKind.Adaptive, "\"thinking\":{\"type\":\"adaptive\"}")]
    public void Thinking_is_written_as_the_API_reads_it(ThinkingKind kind, string expected)
    {
        Render(Tier with { Thinking = kind }, "{{a}}", null, null, Rows.Row("tea")).ShouldContain(expected);
    }

    [Fact]
    public void The_schema_stays_out_when_the_tier_wants_no_structured_output()
    {
        Render(Tier with { StructuredOutput = false }, "{{a}}", null, "{}", Rows.Row("tea")).ShouldNotContain("output_config");
    }

    [Fact]
    public void A_system_prompt_may_name_columns_and_is_left_out_when_blank()
    {
        Render(Tier, "{{a}}", "{{#b}}About {{b}}{{/b}}", null, Rows.Row("tea", "x")).ShouldContain("\"system\":\"About x\"");
        Render(Tier, "{{a}}", "{{#b}}About {{b}}{{/b}}", null, Rows.Row("tea", "")).ShouldNotContain("system");
    }

    [Fact]
    public void The_same_row_gives_the_same_bytes_again_and_in_another_renderer()
    {
        var row = Rows.Row("te\"a\u2028", null);
        var first = Renderer(Tier, "{{a}}{{^b}}!{{/b}}", "sys {{a}}", "{}");
        var other = Renderer(Tier, "{{a}}{{^b}}!{{/b}}", "sys {{a}}", "{}");

        var bytes = RenderBytes(first, row, RequestVariant.Same);
        RenderBytes(first, row, RequestVariant.Reask("no")).ShouldNotBe(bytes);

        RenderBytes(first, row, RequestVariant.Same).ShouldBe(bytes);
        RenderBytes(other, Rows.Row("te\"a\u2028", null), RequestVariant.Same).ShouldBe(bytes);
    }

    [Theory]
    [InlineData(300, 64000, 600)]
    [InlineData(40000, 64000, 64000)]
    [InlineData(64000, 64000, 64000)]
    [InlineData(300, null, 600)]
    public void A_larger_cap_is_twice_the_cap_within_the_models(int maxTokens, int? modelMax, int expected)
    {
        var renderer = new RequestRenderer(Prompt("{{a}}", null, "a"), Tier with { MaxTokens = maxTokens }, null, modelMax);

        Encoding.UTF8.GetString(RenderBytes(renderer, Rows.Row("x"), RequestVariant.LargerCap)).ShouldContain($"\"max_tokens\":{expected},");
        renderer.LargerCap.ShouldBe(expected);
    }

    [Fact]
    public void A_reask_carries_the_validators_words_as_a_paragraph()
    {
        var bytes = RenderBytes(Renderer(Tier, "{{a}}", null, null), Rows.Row("tea"), RequestVariant.Reask("/category: \"Téa\" is not allowed\n"));

        Content(bytes).ShouldBe("tea\n\nYour previous answer was rejected: /category: \"Téa\" is not allowed\n");
    }

    [Fact]
    public void A_reask_is_cut_without_breaking_a_character()
    {
        var bytes = RenderBytes(Renderer(Tier, "{{a}}", null, null), Rows.Row("tea"), RequestVariant.Reask(new string('x', 1_999) + "😀😀"));

        Content(bytes).ShouldEndWith("xx…");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\u00a0")]
    [InlineData(null)]
    public void An_empty_message_is_a_fault_and_nothing_is_written(string? value)
    {
        var to = new ArrayBufferWriter<byte>();

        var rendered = Renderer(Tier, "{{a}}\n", "sys", null).Render("k-1"u8, Rows.Row(value, ""), RequestVariant.Same, to);

        rendered.Fault!.Reason.ShouldBe("REQ.RENDER_FAILED.input_missing");
        to.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void A_request_of_exactly_the_limit_is_written_and_one_byte_more_is_not()
    {
        var size = RenderBytes(Renderer(Tier, "{{a}}", null, null), Rows.Row("tea"), RequestVariant.Same).Length;
        var to = new ArrayBufferWriter<byte>();
        var renderer = new RequestRenderer(Prompt("{{a}}", null, "a"), Tier, null, maxBytes: size);

        renderer.Render("k-1"u8, Rows.Row("tea"), RequestVariant.Same, to).Bytes.ShouldBe(size);
        var refused = renderer.Render("k-1"u8, Rows.Row("teas"), RequestVariant.Same, to);

        refused.Fault!.Reason.ShouldBe("REQ.INPUT_TOO_LARGE");
        to.WrittenCount.ShouldBe(size);
    }

    [Fact]
    public void Naughty_strings_arrive_as_they_were()
    {
        var strings = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(RealData.Path("hostile/blns.json")))!;
        var renderer = Renderer(Tier, ">{{a}}<{{b}}", "{{a}}", null);
        strings.Length.ShouldBeGreaterThan(500);

        foreach (var text in strings)
        {
            foreach (var row in (RowInput[])[Rows.Row(text, text), Rows.RawRow(text, text)])
            {
                var bytes = RenderBytes(renderer, row, RequestVariant.Same);
                Content(bytes).ShouldBe($">{text}<{text}");
                bytes.ShouldNotContain((byte)'\n');
                Encoding.UTF8.GetString(bytes).ShouldNotContain("\u2028");
            }
        }
    }

    [Fact]
    public void Rendering_allocates_nothing_per_row()
    {
        var renderer = Renderer(Tier, "Name: {{a}}\n{{#b}}Brand: {{b}}{{/b}}", "sys", "{}");
        var row = Rows.Row(new string('n', 100), "Br\"and");
        var input = JsonSerializer.SerializeToUtf8Bytes(new[] { new string('n', 100), "Br\"and" });
        var to = new RequestBuffer();
        Warm(renderer, row, input, to);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            to.CutTo(0);
            row.Read(input);
            renderer.Render("k-1"u8, row, RequestVariant.Same, to);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
    }

    private static void Warm(RequestRenderer renderer, RowInput row, byte[] input, RequestBuffer to)
    {
        for (var i = 0; i < 100; i++)
        {
            to.CutTo(0);
            row.Read(input);
            renderer.Render("k-1"u8, row, RequestVariant.Same, to).Fault.ShouldBeNull();
        }
    }

    private static string Content(byte[] request)
    {
        using var document = JsonDocument.Parse(request);
        return document.RootElement.GetProperty("params").GetProperty("messages")[0].GetProperty("content").GetString()!;
    }

    private static string Render(TierSpec tier, string user, string? system, string? schema, RowInput row) =>
        Encoding.UTF8.GetString(RenderBytes(Renderer(tier, user, system, schema), row, RequestVariant.Same));

    private static byte[] RenderBytes(RequestRenderer renderer, RowInput row, RequestVariant variant)
    {
        var to = new ArrayBufferWriter<byte>();
        renderer.Render("k-1"u8, row, variant, to).Bytes.ShouldBe(to.WrittenCount);
        return to.WrittenSpan.ToArray();
    }

    private static RequestRenderer Renderer(TierSpec tier, string user, string? system, string? schema) => new(Prompt(user, system, "a", "b"), tier, schema);

    private static PromptTemplates Prompt(string user, string? system, params string[] columns) =>
        PromptTemplates.Compile(new PromptSpec(system, user, Rows.NoValues), columns);
}
