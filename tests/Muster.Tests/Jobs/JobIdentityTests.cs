using System.Text.Json;
using Muster.Jobs;

namespace Muster.Tests.Jobs;

public sealed class JobIdentityTests
{
    private static readonly Job Job = JobText.Load(JobText.With(
        "tiers", "tiers: [ { model: m, max_tokens: 9, params: { b: 1, a: [1, 2] } } ]")) with { Directory = "/jobs" };

    public static TheoryData<string, Job> Changed() => new()
    {
        { "system", Job with { Prompt = Job.Prompt with { System = "x" } } },
        { "user", Job with { Prompt = Job.Prompt with { User = "x" } } },
        { "values", Job with { Prompt = Job.Prompt with { Values = new Dictionary<string, string> { ["a"] = "b" } } } },
        { "model", Job with { Tiers = [Job.Tiers[0] with { Model = "n" }] } },
        { "max_tokens", Job with { Tiers = [Job.Tiers[0] with { MaxTokens = 8 }] } },
        { "thinking", Job with { Tiers = [Job.Tiers[0] with { Thinking = ThinkingKind.Disabled }] } },
        { "effort", Job with { Tiers = [Job.Tiers[0] with { Effort = "low" }] } },
        { "structured", Job with { Tiers = [Job.Tiers[0] with { StructuredOutput = false }] } },
        { "params", Job with { Tiers = [Job.Tiers[0] with { Params = new Dictionary<string, string> { ["a"] = "[1,2]" } }] } },
        { "one more tier", Job with { Tiers = [Job.Tiers[0], Job.Tiers[0]] } },
        { "schema", Job with { Contract = Job.Contract with { SchemaJson = "{}" } } },
        { "human queue", Job with { Contract = Job.Contract with { HumanQueueJson = "{}" } } },
        { "on_violation", Job with { Contract = Job.Contract with { OnViolation = OnViolation.Reask } } },
    };

    public static TheoryData<string, Job> Unchanged() => new()
    {
        { "name and folder", Job with { Name = "other", Directory = "/tmp" } },
        { "source", Job with { Source = Job.Source with { Paths = ["/x"] } } },
        { "target", Job with { Target = null } },
        { "budget", Job with { Budget = new BudgetSpec(1) } },
        { "limits", Job with { Limits = new LimitSpec { Attempts = 1 } } },
        { "pilot", Job with { Pilot = new PilotSpec(1) } },
        { "evals", Job with { Evals = new EvalSpec("/gold.jsonl") { GoldRows = 3, Judge = "claude-sonnet-5-5" } } },
        { "an estimate", Job with { Tiers = [Job.Tiers[0] with { ExpectedOutputTokens = 5 }] } },
        { "white space in the schema", Job with { Contract = Job.Contract with { SchemaJson = Job.Contract.SchemaJson.Replace(" ", "\n ", StringComparison.Ordinal) } } },
        { "order of params", Job with { Tiers = [Job.Tiers[0] with { Params = Job.Tiers[0].Params.Reverse().ToDictionary() }] } },
    };

    [Theory]
    [MemberData(nameof(Changed))]
    public void What_changes_answers_changes_the_version(string what, Job changed) => JobVersion.Of(changed).ShouldNotBe(JobVersion.Of(Job), what);

    [Theory]
    [MemberData(nameof(Unchanged))]
    public void What_changes_no_answer_keeps_the_version(string what, Job changed) => JobVersion.Of(changed).ShouldBe(JobVersion.Of(Job), what);

    [Fact]
    public void A_version_is_12_hexadecimal_characters_and_stays_the_same_between_releases()
    {
        JobVersion.Of(Job).ShouldMatch("^[0-9a-f]{12}$");
        JobVersion.Of(JobText.Load(JobText.Good)).ShouldBe("6ca551692fb0");
    }

    [Theory]
    [MemberData(nameof(Changed))]
    [MemberData(nameof(Unchanged))]
    public void A_snapshot_gives_back_an_equal_job(string what, Job job)
    {
        var json = JobSnapshot.ToJson(job);
        var back = JobSnapshot.FromJson(json);

        var expected = job with
        {
            Prompt = job.Prompt with { Values = back.Prompt.Values },
            Tiers = [.. job.Tiers.Select((tier, i) => tier with { Params = back.Tiers[i].Params })],
        };
        JsonSerializer.Serialize(back).ShouldBe(JsonSerializer.Serialize(expected), what);
        back.Prompt.Values.ShouldBe(job.Prompt.Values, ignoreOrder: true);
        back.Tiers[0].Params.ShouldBe(job.Tiers[0].Params, ignoreOrder: true);
        JobSnapshot.ToJson(back).ShouldBe(json);
        JobVersion.Of(back).ShouldBe(JobVersion.Of(job));
    }

    [Fact]
    public void A_snapshot_does_not_depend_on_the_order_of_a_map()
    {
        var other = Job with { Tiers = [Job.Tiers[0] with { Params = Job.Tiers[0].Params.Reverse().ToDictionary() }] };

        JobSnapshot.ToJson(other).ShouldBe(JobSnapshot.ToJson(Job));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"a\",\"surprise\":1}")]
    public void A_text_of_another_form_is_refused(string json) => Should.Throw<JsonException>(() => JobSnapshot.FromJson(json));
}
