using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;

namespace Muster.Simulator.Tests;

/// <summary>Items 82 and 90 of the checklist: what can go wrong in a stream of results.</summary>
public sealed class StreamFaultTests
{
    private const string Batches = "/v1/messages/batches";

    [Fact]
    public async Task Checklist_082_the_flat_error_is_never_sent_and_breaks_the_sdk_where_a_plan_sends_it()
    {
        await using var api = await FaultTests.StartAsync(
            """{"rows":[{"outcome":"invalid_request_error"}],"lines":{"flat_error":1,"downloads":1}}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(1));
        using var sdk = new AnthropicClient { BaseUrl = api.BaseUrl.ToString().TrimEnd('/'), ApiKey = "sk-sim" };
        await foreach (var line in sdk.Messages.Batches.ResultsStreaming(id))
        {
            line.Result.TryPickErrored(out var errored).ShouldBeTrue();
            Should.Throw<AnthropicInvalidDataException>(() => errored!.Error.Error).Message.ShouldContain("'error' cannot be absent");
        }

        (await client.GetStringAsync($"{Batches}/{id}/results")).ShouldNotContain("\"invalid_request\"");
    }

    [Theory]
    [InlineData("reset_in_line", true, 2)]
    [InlineData("end_in_line", false, 2)]
    [InlineData("end_between_lines", false, 3)]
    public async Task Checklist_090_a_stream_can_break_off(string fault, bool throws, int wholeLines)
    {
        await using var api = await FaultTests.StartAsync(
            $$"""{"calls":[{"endpoint":"results","first":1,"fault":"{{fault}}","after_lines":3}]}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        var (text, broke) = await ReadRawAsync(client, id);
        broke.ShouldBe(throws);
        if (!throws)
        {
            text.Count(c => c == '\n').ShouldBe(wholeLines);
            text.EndsWith('\n').ShouldBe(fault == "end_between_lines");
        }

        (await Some.ResultsAsync(client, id)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Checklist_090_a_stream_can_stall_and_go_on()
    {
        await using var api = await FaultTests.StartAsync(
            """{"calls":[{"endpoint":"results","first":1,"fault":"stall","after_lines":3,"seconds":600}]}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        using var reply = await client.GetAsync($"{Batches}/{id}/results", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        for (var i = 0; i < 3; i++)
        {
            (await reader.ReadLineAsync()).ShouldNotBeNull();
        }

        var fourth = reader.ReadLineAsync();
        fourth.IsCompleted.ShouldBeFalse();
        await FaultTests.WaitUntilAsync(() =>
        {
            api.Clock.Advance(TimeSpan.FromSeconds(600));
            return fourth.IsCompleted;
        });
        (await fourth).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("missing", 0)]
    [InlineData("duplicate", 20)]
    [InlineData("garbage", 10)]
    [InlineData("unknown_type", 10)]
    [InlineData("new_fields", 10)]
    [InlineData("swapped", 10)]
    [InlineData("flat_error", 10)]
    public async Task Checklist_090_lines_can_be_damaged_and_come_right_at_the_next_download(string kind, int lines)
    {
        await using var api = await FaultTests.StartAsync($$$"""{"lines":{"{{{kind}}}":1,"downloads":1}}""", o => o with { Instant = true });
        using var client = Some.Client(api);
        var id = await Some.CreatedAsync(client, Some.Body(10));
        var (damaged, _) = await ReadRawAsync(client, id);
        damaged.Count(c => c == '\n').ShouldBe(lines);
        ShouldBeDamagedAs(kind, damaged);
        var (whole, _) = await ReadRawAsync(client, id);
        whole.ShouldNotBe(damaged);
        (await Some.ResultsAsync(client, id)).Values.ShouldAllBe(r => r.GetProperty("type").GetString() == "succeeded");
    }

    [Fact]
    public async Task Checklist_090_an_inner_error_type_can_be_unknown()
    {
        await using var api = await FaultTests.StartAsync("""{"rows":[{"outcome":"novel_error"}]}""");
        using var client = Some.Client(api);
        (await Some.RunAsync(api, client, Some.Body(1)))["row-0"].ErrorType().ShouldBe("lunar_phase_error");
    }

    private static void ShouldBeDamagedAs(string kind, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        switch (kind)
        {
            case "duplicate":
                lines.Distinct(StringComparer.Ordinal).Count().ShouldBe(10);
                break;
            case "garbage":
                lines.ShouldAllBe(l => !IsJson(l));
                break;
            case "unknown_type":
                lines.ShouldAllBe(l => l.Contains("\"type\":\"postponed\""));
                break;
            case "new_fields":
                lines.ShouldAllBe(l => IsJson(l) && l.Contains("lunar_phase"));
                break;
            case "swapped":
                lines.ShouldAllBe(l => IsJson(l) && !l.Contains(OwnText(l)));
                break;
            default:
                break;
        }
    }

    /// <summary>What the answer to a row of <see cref="Some.Body(int)"/> repeats of its text.</summary>
    private static string OwnText(string line)
    {
        using var document = JsonDocument.Parse(line);
        return $"number {document.RootElement.GetProperty("custom_id").GetString()![4..]}\"";
    }

    private static bool IsJson(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<(string Text, bool Broke)> ReadRawAsync(HttpClient client, string id)
    {
        try
        {
            return (await client.GetStringAsync($"{Batches}/{id}/results"), false);
        }
        catch (HttpRequestException)
        {
            return ("", true);
        }
    }
}
