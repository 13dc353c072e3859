using System.Text;
using Muster.Claude;
using Muster.Results;
using Muster.Tests.Contracts;

namespace Muster.Tests.Results;

public sealed class ResultLineTests
{
    private const string Succeeded =
        """{"custom_id":"0","result":{"type":"succeeded","message":{"model":"claude-haiku-4-5-20251001","id":"msg_011CeCHqExY3pkcBckm37hEV","type":"message","role":"assistant","content":[{"type":"text","text":"6"}],"stop_reason":"end_turn","stop_sequence":null,"stop_details":null,"usage":{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":5,"service_tier":"batch","inference_geo":"not_available"}}}}""";

    private static ResultLine Read(string line)
    {
        var read = new ResultLine();
        read.TryRead(Encoding.UTF8.GetBytes(line)).ShouldBeTrue(line);
        return read;
    }

    private static bool Reads(string line) => new ResultLine().TryRead(Encoding.UTF8.GetBytes(line));

    private static string Message(string fields) => """{"custom_id":"a","result":{"type":"succeeded","message":{""" + fields + "}}}";

    [Fact]
    public void A_recorded_succeeded_line_is_read_whole()
    {
        var line = Read(Succeeded);

        (Encoding.ASCII.GetString(line.CustomId), line.Type, Encoding.UTF8.GetString(line.Text), line.StopReason, line.Model)
            .ShouldBe(("0", ResultType.Succeeded, "6", "end_turn", "claude-haiku-4-5-20251001"));
        line.Tokens.ShouldBe(new TokenCounts(20, 5, 0, 0, 0, 0, 0, false));
        line.Error.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"custom_id":"p","result":{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"invalid_request_error","message":"messages: at least one message is required"},"request_id":null}}}""", "invalid_request_error", ErrorCause.Request)]
    [InlineData("""{"custom_id":"p","result":{"type":"errored","error":{"type":"error","error":{"details":{"error_visibility":"user_facing"},"type":"not_found_error","message":"model: claude-does-not-exist-9"},"request_id":null}}}""", "not_found_error", ErrorCause.NotFound)]
    [InlineData("""{"custom_id":"p","result":{"type":"errored","error":{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"workerreq_1"}}}""", "overloaded_error", ErrorCause.Transient)]
    [InlineData("""{"result":{"error":{"type":"invalid_request","message":"flat"},"type":"errored"},"custom_id":"p"}""", "invalid_request", ErrorCause.Transient)]
    [InlineData("""{"custom_id":"p","result":{"type":"errored","error":{"error":{"type":"lunar_phase_error"}}}}""", "lunar_phase_error", ErrorCause.Transient)]
    public void An_errored_line_gives_its_inner_error(string text, string type, ErrorCause cause)
    {
        var line = Read(text);

        line.Type.ShouldBe(ResultType.Errored);
        (line.Error!.Type, line.Error.Cause).ShouldBe((type, cause));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[1,{}]")]
    [InlineData("7")]
    public void An_errored_line_without_a_readable_error_still_counts(string error)
    {
        var line = Read($$$"""{"custom_id":"a","result":{"error":{{{error}}},"type":"errored"}}""");

        (line.Type, line.Error).ShouldBe((ResultType.Errored, null));
    }

    [Theory]
    [InlineData("canceled", ResultType.Canceled)]
    [InlineData("expired", ResultType.Expired)]
    public void Bare_lines_are_read(string type, ResultType wanted) =>
        Read($$$"""{"custom_id":"c-1","result":{"type":"{{{type}}}"}}""").Type.ShouldBe(wanted);

    [Fact]
    public void Order_unknown_fields_and_other_blocks_do_not_matter()
    {
        var line = Read("""
            {"x":[{"custom_id":"no"}],"result":{"y":{"type":"expired"},"message":{"z":[[1]],"usage":{"new":{"input_tokens":9},"output_tokens_details":{"thinking_tokens":3,"q":{}},"server_tool_use":{"web_search_requests":2},"cache_creation_input_tokens":7,"input_tokens":1,"output_tokens":2,"inference_geo":"us"},"content":["odd",{"thinking":"hm","type":"thinking","signature":"s"},{"text":"a","citations":[{"type":"x","text":"no"}],"type":"text"},7,{"type":"tool_use","input":{"text":"no","type":"text"}},{"type":"text","text":"b"}],"type":"message","stop_reason":"max_tokens","model":"m"},"type":"succeeded"},"custom_id":"k"}
            """);

        (Encoding.UTF8.GetString(line.Text), line.StopReason, line.Model, line.Type).ShouldBe(("ab", "max_tokens", "m", ResultType.Succeeded));
        line.Tokens.ShouldBe(new TokenCounts(1, 2, 7, 0, 0, 3, 2, true));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"type\":\"expired\"}")]
    [InlineData("[[\"stop_reason\"]]")]
    [InlineData("3")]
    public void A_field_of_another_kind_is_passed_over_and_never_shifts_the_rest(string odd)
    {
        foreach (var field in new[] { "content", "usage", "model", "stop_reason", "id" })
        {
            var line = Read(Message($$"""
                "{{field}}":{{odd}},"type":"message","after":{"type":"canceled"}
                """));
            line.Type.ShouldBe(ResultType.Succeeded, field);
        }

        foreach (var field in new[] { "input_tokens", "cache_creation", "output_tokens_details", "inference_geo" })
        {
            if (odd == "3" && field == "input_tokens")
                continue;
            Read(Message($$"""
                "usage":{"{{field}}":{{odd}},"output_tokens":4},"stop_reason":"end_turn"
                """)).Tokens.ShouldBe(new TokenCounts(0, 4, 0, 0, 0, 0, 0, false), field);
        }

        Read("""{"custom_id":"a","result":{"message":""" + odd + ",\"type\":\"succeeded\"}}").Type.ShouldBe(ResultType.Succeeded);
    }

    [Fact]
    public void A_field_seen_null_twice_is_read_twice()
    {
        var line = new ResultLine();
        for (var i = 0; i < 3; i++)
            line.TryRead(Encoding.UTF8.GetBytes(Message("\"model\":null"))).ShouldBeTrue();
        line.Model.ShouldBe("");
    }

    [Fact]
    public void One_instance_reads_many_lines_and_keeps_nothing_of_the_last()
    {
        var line = new ResultLine();
        line.TryRead(Encoding.UTF8.GetBytes(Succeeded)).ShouldBeTrue();
        line.TryRead("""{"custom_id":"b","result":{"type":"succeeded","message":{"content":[{"type":"text","text":"a"}"""u8).ShouldBeFalse();
        line.TryRead("""{"custom_id":"c","result":{"type":"expired"}}"""u8).ShouldBeTrue();

        (Encoding.UTF8.GetString(line.Text), line.Model, line.StopReason, line.Tokens, line.Error).ShouldBe(("", "", "", default, null));
        line.TryRead("""{"result":{"type":"expired"}}"""u8).ShouldBeFalse();
    }

    [Fact]
    public void Model_names_are_told_apart_and_not_kept_for_ever()
    {
        var line = new ResultLine();
        for (var i = 0; i < 3_000; i++)
        {
            line.TryRead(Encoding.UTF8.GetBytes(Message($"\"model\":\"claude-{i % 1_500}\""))).ShouldBeTrue();
            line.Model.ShouldBe($"claude-{i % 1_500}");
        }

        line.TryRead(Encoding.UTF8.GetBytes(Message("\"model\":\"claude\\u002d7\""))).ShouldBeTrue();
        line.Model.ShouldBe("claude-7");
    }

    [Theory]
    [InlineData("\\u2028\\u0085\\n\\\"\\\\\\/\\ud83d\\ude00", "\u2028\u0085\n\"\\/\U0001F600")]
    [InlineData("\u2028 \u0085 \U0001F600", "\u2028 \u0085 \U0001F600")]
    public void Text_is_unescaped(string escaped, string text) =>
        Encoding.UTF8.GetString(Read(Message($$"""
            "content":[{"type":"text","text":"{{escaped}}"}]
            """)).Text).ShouldBe(text);

    [Fact]
    public void A_long_text_is_kept_whole()
    {
        var text = new string('x', 1_000_000) + "\\n";
        var line = Read(Message($$"""
            "content":[{"type":"text","text":"{{text}}"},{"type":"text","text":"{{text}}"}]
            """));
        line.Text.Length.ShouldBe(2_000_002);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\u0000\u0007<garbage>")]
    [InlineData("""{"custom_id":"a"}""")]
    [InlineData("""{"custom_id":"a","result":null}""")]
    [InlineData("""{"custom_id":"a","result":{"type":"postponed"}}""")]
    [InlineData("""{"custom_id":"a","result":{"type":7}}""")]
    [InlineData("""{"custom_id":7,"result":{"type":"expired"}}""")]
    [InlineData("""{"custom_id":"","result":{"type":"expired"}}""")]
    [InlineData("""{"custom_id":"a","result":{"type":"expired"}} {}""")]
    [InlineData("""{"custom_id":"a","result":{"type":"expired"}""")]
    [InlineData("""{"custom_id":"a","result":{"type":"expired"},}""")]
    [InlineData("""{"custom_id":"\ud800","result":{"type":"expired"}}""")]
    public void What_is_not_a_result_is_refused(string line) => Reads(line).ShouldBeFalse();

    [Fact]
    public void Every_cut_of_a_line_is_refused_and_none_throws()
    {
        var bytes = Encoding.UTF8.GetBytes(Succeeded);
        var line = new ResultLine();
        for (var length = 0; length < bytes.Length; length++)
            line.TryRead(bytes.AsSpan(0, length)).ShouldBeFalse();
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var to in new byte[] { 0, (byte)'"', (byte)'{', (byte)'}', (byte)'[', 0xFF, 0xED })
            {
                var damaged = bytes.ToArray();
                damaged[at] = to;
                Record.Exception(() => line.TryRead(damaged)).ShouldBeNull();
            }
        }
    }

    [Fact]
    public void Deep_nesting_is_refused_in_time()
    {
        foreach (var open in new[] { "[", "{\"a\":", "{\"result\":", "{\"custom_id\":" })
            Reads(string.Concat(Enumerable.Repeat(open, 100_000))).ShouldBeFalse();
        Reads(Message("\"content\":" + new string('[', 10_000) + new string(']', 10_000))).ShouldBeFalse();
    }

    [Fact]
    public void Hostile_texts_never_throw_as_a_line_or_inside_one()
    {
        var line = new ResultLine();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(SharedData.Folder("hostile"), "json-parsing")))
        {
            var bytes = File.ReadAllBytes(file);
            line.TryRead(bytes).ShouldBeFalse(file);
            foreach (var place in new[] { "\"message\":", "\"error\":", "\"message\":{\"content\":", "\"message\":{\"usage\":", "\"message\":{\"model\":" })
            {
                byte[] inside = [.. Encoding.UTF8.GetBytes("{\"custom_id\":\"a\",\"result\":{\"type\":\"errored\"," + place), .. bytes,
                    .. Encoding.UTF8.GetBytes(place.Contains('{') ? "}}}" : "}}")];
                Record.Exception(() => line.TryRead(inside)).ShouldBeNull(file);
            }
        }
    }
}
