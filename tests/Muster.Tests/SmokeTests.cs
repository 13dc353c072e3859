namespace Muster.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void True_is_true() => true.ShouldBeTrue();
}
