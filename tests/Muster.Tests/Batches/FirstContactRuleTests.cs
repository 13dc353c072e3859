using Muster.Batches;
using Muster.Claude;

namespace Muster.Tests.Batches;

public sealed class FirstContactRuleTests
{
    /// <summary>One damaged reply is a damaged reply; only one that comes back the same way is another program's.</summary>
    [Fact]
    public void One_reply_that_is_not_the_APIs_does_not_make_the_address_wrong()
    {
        FirstContact.IsOver(Unreached.NotTheApi, tries: 1, TimeSpan.Zero).ShouldBeFalse();
        FirstContact.IsOver(Unreached.NotTheApi, tries: 2, TimeSpan.FromSeconds(3)).ShouldBeFalse();
        FirstContact.IsOver(Unreached.NotTheApi, tries: 3, TimeSpan.FromSeconds(6)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(2, 29, false)]
    [InlineData(2, 30, true)]
    [InlineData(3, 0, true)]
    public void A_connection_is_tried_three_times_or_half_a_minute(int tries, int seconds, bool over) =>
        FirstContact.IsOver(Unreached.Connection, tries, TimeSpan.FromSeconds(seconds)).ShouldBe(over);

    [Fact]
    public void A_name_that_does_not_resolve_is_not_tried_again() =>
        FirstContact.IsOver(Unreached.Name, tries: 1, TimeSpan.Zero).ShouldBeTrue();
}
