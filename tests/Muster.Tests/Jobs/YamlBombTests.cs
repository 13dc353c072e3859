using System.Text;

namespace Muster.Tests.Jobs;

public sealed class YamlBombTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_small_file_that_stands_for_a_billion_values_is_refused_unexpanded()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 10; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Refuse(bomb.ToString(), "the anchor \"&a0\" is not allowed");
    }

    [Fact]
    public void Nesting_is_limited() => Refuse(new string('[', 900_000), "nested deeper than 32 levels");

    [Fact]
    public void Nesting_by_indentation_is_limited() =>
        Refuse(string.Concat(Enumerable.Range(0, 500).Select(i => new string(' ', i) + "a:\n")), "nested deeper than 32 levels");

    [Fact]
    public void The_number_of_values_is_limited() => Refuse("job: [" + string.Concat(Enumerable.Repeat("a,", 400_000)) + "]", "more than 50,000 values in one file");

    [Fact]
    public void The_size_is_limited() => Refuse("# " + new string('a', 1_000_000), "at most 1,000,000 are read");

    private static void Refuse(string text, string message)
    {
        var start = TimeProvider.System.GetTimestamp();
        var refusal = JobText.Refuse(text);

        refusal.Message.ShouldContain(message);
        TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Patience);
    }
}
