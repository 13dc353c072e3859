using System.Net;
using System.Net.Sockets;

namespace Muster.Alerts;

internal sealed record AddressAllowance(bool Loopback, bool Private);

/// <summary>Which addresses an alert may go to. Pure. What a name resolves to is judged, and that very address is connected to.</summary>
internal static class AddressRule
{
    // Cloud metadata and platform endpoints that lie outside of the link-local range.
    private static readonly IPAddress[] Metadata =
        [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("168.63.129.16"), IPAddress.Parse("192.0.0.192")];

    // IANA's registries of special-purpose addresses, and what they no longer assign (192.88.99.0/24, fec0::/10).
    private static readonly IPNetwork[] Never =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.88.99.0/24"),
        IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("::/128"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fec0::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("2001::/32"),
    ];

    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Ranges whose addresses carry an IPv4 address, and where it stands.</summary>
    private static readonly (IPNetwork Range, int Offset)[] Carriers =
        [(IPNetwork.Parse("::/96"), 12), (IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("64:ff9b:1::/48"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    /// <summary>Null when the address may be connected to; otherwise what it is.</summary>
    public static string? Refusal(IPAddress address, AddressAllowance allowance)
    {
        var plain = Plain(address);
        if (IPAddress.IsLoopback(plain))
            return allowance.Loopback ? null : "an address of this machine";
        if (Metadata.Contains(plain))
            return "a metadata service";
        if (Never.Any(range => range.Contains(plain)))
            return "a link-local, unspecified, multicast or reserved address";
        return Private.Any(range => range.Contains(plain)) && !allowance.Private ? "an address of a private network" : null;
    }

    /// <summary>An IPv4 address in IPv6 clothes is judged as what it is.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        var unscoped = new IPAddress(bytes);
        if (IPAddress.IPv6Loopback.Equals(unscoped) || IPAddress.IPv6Any.Equals(unscoped))
            return unscoped;
        foreach (var (range, offset) in Carriers)
        {
            if (range.Contains(unscoped))
                return new IPAddress(bytes.AsSpan(offset, 4));
        }

        return unscoped;
    }
}
