using System.Text;
using Muster.Review;

namespace Muster.Tests.Review;

public sealed class EditedOutputTests
{
    [Theory]
    [InlineData("""{"a":1}""", "/a=2", """{"a":2}""")]
    [InlineData("""{"a":1.50}""", "/b=text with = in it", """{"a":1.50,"b":"text with = in it"}""")]
    [InlineData("""{"a":1}""", "/a=null", """{"a":null}""")]
    [InlineData("""{"a":1}""", "/a=\"2\"", """{"a":"2"}""")]
    [InlineData("""{"a":["x","y"]}""", "/a/1=z", """{"a":["x","z"]}""")]
    [InlineData("""{"a":["x"]}""", "/a/1=y", """{"a":["x","y"]}""")]
    [InlineData("""{}""", "/a/b=1", """{"a":{"b":1}}""")]
    [InlineData("""{}""", "/a~1b=1", """{"a/b":1}""")]
    [InlineData("", "/a=1", """{"a":1}""")]
    [InlineData("""{"ü":"é <b>"}""", "/a=1", """{"ü":"é <b>","a":1}""")]
    public void Values_are_set_at_pointers(string output, string setting, string expected)
    {
        Encoding.UTF8.GetString(EditedOutput.Set(Encoding.UTF8.GetBytes(output), [setting])).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}", "a=1")]
    [InlineData("{}", "/a")]
    [InlineData("{}", "/a~2=1")]
    [InlineData("""{"a":1}""", "/a/b=1")]
    [InlineData("""{"a":["x"]}""", "/a/5=1")]
    [InlineData("""{"a":1,"a":2}""", "/a=1")]
    [InlineData("I cannot", "/a=1")]
    public void What_cannot_be_set_is_refused_with_a_way_out(string output, string setting)
    {
        Should.Throw<ReviewException>(() => EditedOutput.Set(Encoding.UTF8.GetBytes(output), [setting])).Hint.ShouldContain("--");
    }

    [Fact]
    public void What_the_editor_leaves_is_compact_again_and_what_is_no_json_stays()
    {
        var text = EditedOutput.ForEditing("""{"a":[1,2],"b":"<é>"}"""u8);

        text.ShouldContain("\n");
        Encoding.UTF8.GetString(EditedOutput.Compacted(Encoding.UTF8.GetBytes(text))).ShouldBe("""{"a":[1,2],"b":"<é>"}""");
        Encoding.UTF8.GetString(EditedOutput.Compacted("{ broken"u8)).ShouldBe("{ broken");
        EditedOutput.ForEditing("I cannot"u8).ShouldBe("I cannot");
        EditedOutput.ForEditing([]).ShouldBe("{}");
    }
}
