using Muster.Claude;
using Muster.Verdicts;

namespace Muster.Tests.Verdicts;

public sealed class CallPolicyTests
{
    /// <summary>The calls whose errors are the run's own; those of a synchronous call are judged as the row's.</summary>
    private static readonly RemoteCall[] Calls = [RemoteCall.Create, RemoteCall.List, RemoteCall.Retrieve, RemoteCall.Results];

    [Fact]
    public void Whatever_the_api_answers_to_a_call_has_a_rule()
    {
        foreach (var call in Calls)
        {
            foreach (var cause in Enum.GetValues<ErrorCause>())
                CallPolicy.Knows(call, CallPolicy.TroubleOf(call, cause)).ShouldBeTrue($"{call}, {cause}");
        }
    }

    [Fact]
    public void The_account_pauses_the_run_at_once_whatever_was_called()
    {
        foreach (var call in Calls)
            CallPolicy.Of(call, CallPolicy.TroubleOf(call, ErrorCause.Account)).ShouldBe(CallRule.AtOnce(Fault.Account, Remedy.PauseRun, Reasons.Account), call.ToString());
    }

    [Fact]
    public void An_outage_of_the_platform_never_stops_a_run_at_once()
    {
        foreach (var call in Calls)
        {
            foreach (var cause in new[] { ErrorCause.RateLimited, ErrorCause.Transient })
            {
                var rule = CallPolicy.Of(call, CallPolicy.TroubleOf(call, cause));

                rule.Fault.ShouldBe(Fault.Platform);
                rule.First.ShouldBeOneOf(Remedy.AskAgain, Remedy.SendAgain);
                rule.IsOver(7, TimeSpan.FromDays(1)).ShouldBeFalse($"{call}, {cause}");
                rule.IsOver(int.MaxValue, TimeSpan.FromMinutes(59)).ShouldBeFalse($"{call}, {cause}");
            }
        }
    }

    [Fact]
    public void A_create_whose_reply_is_lost_is_looked_for_and_never_sent_again()
    {
        var rule = CallPolicy.Of(RemoteCall.Create, Trouble.ReplyLost);

        rule.First.ShouldBe(Remedy.LookInList);
        rule.Then.ShouldBeNull();
        foreach (var cause in Enum.GetValues<ErrorCause>())
            CallPolicy.TroubleOf(RemoteCall.Create, cause).ShouldNotBe(Trouble.ReplyLost, cause.ToString());
    }

    [Fact]
    public void The_columns_of_a_rule_agree_with_each_other()
    {
        foreach (var call in Enum.GetValues<RemoteCall>())
        {
            foreach (var trouble in Enum.GetValues<Trouble>().Where(trouble => CallPolicy.Knows(call, trouble)))
            {
                var rule = CallPolicy.Of(call, trouble);
                var name = $"{call}, {trouble}";

                (rule.Patience is null).ShouldBe(rule.Then is null, name);
                (rule.Fault == Fault.Account).ShouldBe(trouble == Trouble.Account, name);
                // Who is stopped is told why.
                if (rule.First is Remedy.PauseRun or Remedy.HoldRun || rule.Then is Remedy.PauseRun or Remedy.HoldRun)
                    rule.Reason.ShouldNotBeEmpty(name);
                if (rule.Patience is null)
                    rule.IsOver(int.MaxValue, TimeSpan.MaxValue, TimeSpan.FromMinutes(15)).ShouldBeFalse(name);
            }
        }
    }

    [Theory]
    [InlineData(nameof(RemoteCall.Retrieve), nameof(Trouble.NotFound), 5, 10)]
    [InlineData(nameof(RemoteCall.Results), nameof(Trouble.NotFound), 5, 10)]
    [InlineData(nameof(RemoteCall.Results), nameof(Trouble.Refused), 8, 60)]
    [InlineData(nameof(RemoteCall.Results), nameof(Trouble.Broken), 8, 0)]
    [InlineData(nameof(RemoteCall.Create), nameof(Trouble.NotArrived), 8, 60)]
    [InlineData(nameof(RemoteCall.Message), nameof(Trouble.Refused), 8, 60)]
    public void Patience_ends_when_it_was_often_and_long_enough(string call, string trouble, int times, int minutes)
    {
        var rule = CallPolicy.Of(Enum.Parse<RemoteCall>(call), Enum.Parse<Trouble>(trouble));
        var (over, quietPeriod) = (TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(15));

        rule.IsOver(times, over, quietPeriod).ShouldBeTrue();
        rule.IsOver(times - 1, TimeSpan.FromDays(1), quietPeriod).ShouldBeFalse();
        if (minutes > 0)
            rule.IsOver(int.MaxValue, over - TimeSpan.FromTicks(1), quietPeriod).ShouldBeFalse();
    }
}
