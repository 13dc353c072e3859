using System.Net;
using Muster.Alerts;

namespace Muster.Tests.Alerts;

public sealed class AddressRuleTests
{
    private static readonly AddressAllowance Nothing = new(Loopback: false, Private: false);
    private static readonly AddressAllowance Everything = new(Loopback: true, Private: true);

    [Theory]
    [InlineData("203.0.113.7")]
    [InlineData("8.8.8.8")]
    [InlineData("2606:4700::1111")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    public void Public_addresses_are_allowed(string address) => AddressRule.Refusal(IPAddress.Parse(address), Nothing).ShouldBeNull();

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    [InlineData("ff02::1")]
    [InlineData("255.255.255.255")]
    [InlineData("192.0.0.192")]
    public void Link_local_metadata_unspecified_and_multicast_addresses_never_are(string address) =>
        AddressRule.Refusal(IPAddress.Parse(address), Everything).ShouldNotBeNull();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("10.0.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("fd12::1")]
    [InlineData("::ffff:10.0.0.1")]
    public void Loopback_and_private_addresses_need_to_be_allowed(string address)
    {
        AddressRule.Refusal(IPAddress.Parse(address), Nothing).ShouldNotBeNull();
        AddressRule.Refusal(IPAddress.Parse(address), Everything).ShouldBeNull();
    }
}
