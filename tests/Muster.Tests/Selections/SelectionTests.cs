using Muster.Selections;

namespace Muster.Tests.Selections;

public sealed class SelectionTests
{
    [Fact]
    public void Equal_sets_hash_alike_and_others_do_not()
    {
        Hash("a", "b").ShouldBe(Hash("a", "b"));
        Hash("a", "b").ShouldNotBe(Hash("ab"));
        Hash("a", "b").ShouldNotBe(Hash("a"));
        Hash("a").Length.ShouldBe(32);
    }

    [Fact]
    public void Keys_come_in_the_order_of_their_bytes()
    {
        // By UTF-16 the second would come first.
        Hash("\uFF5E", "\U0001F600").ShouldNotBeEmpty();
        Should.Throw<InvalidOperationException>(() => Hash("b", "a"));
        Should.Throw<InvalidOperationException>(() => Hash("a", "a"));
    }

    [Fact]
    public void Matching_nothing_names_the_term_that_does_not_match()
    {
        var selector = Selector.Parse("state:open issue:Q-9");

        SelectionAnswer.Of(selector, 0, 10, term => term.Field == SelectorField.Issue ? 0 : 5)
            .ShouldBe(new SelectionAnswer.Nothing("No row matches `issue:Q-9`."));
        SelectionAnswer.Of(selector, 0, 10, _ => 5).ShouldBeOfType<SelectionAnswer.Nothing>().Why.ShouldContain("each alone matches some");
        SelectionAnswer.Of(selector, 0, 0, _ => 0).ShouldBeOfType<SelectionAnswer.Nothing>().Why.ShouldContain("no rows yet");
    }

    [Fact]
    public void Matching_everything_wants_a_word_more()
    {
        var answer = SelectionAnswer.Of(Selector.Parse("-state:errored"), 10, 10, _ => 10).ShouldBeOfType<SelectionAnswer.Everything>();

        answer.Why.ShouldBe("`-state:errored` matches every one of 10 rows.");
        answer.Hint.ShouldContain("all");
        SelectionAnswer.Of(Selector.Parse("state:open"), 3, 10, _ => 3).ShouldBe(new SelectionAnswer.Some(3, 10));
    }

    [Fact]
    public async Task A_file_of_keys_holds_one_a_line()
    {
        var path = Path.Combine(Some.Folder(), "keys.txt");
        await File.WriteAllTextAsync(path, "\uFEFFA-1\r\n\r\n B 2 \nA-1\n");
        (await KeyFile.ReadAsync(path)).ShouldBe(["A-1", " B 2 "], ignoreOrder: true);

        await File.WriteAllTextAsync(path, "\n\n");
        (await Should.ThrowAsync<KeyFileException>(() => KeyFile.ReadAsync(path))).Message.ShouldContain("holds no key");
        (await Should.ThrowAsync<KeyFileException>(() => KeyFile.ReadAsync(path + ".none"))).Message.ShouldContain("cannot be read");
    }

    private static string Hash(params string[] keys)
    {
        using var hash = new SelectionHash();
        foreach (var key in keys)
            hash.Add(key);
        return hash.Finish();
    }
}
