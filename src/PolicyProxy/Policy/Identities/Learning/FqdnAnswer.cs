using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>
/// What an allowed answer says about one name (semantics 6.5): NOERROR, from the answer section only, the CNAME chain verified in order by
/// the caller. A view; nothing is kept of it.
/// </summary>
internal readonly ref struct FqdnAnswer
{
    /// <summary>The name that was asked for, presentation form, any case, with or without a final dot.</summary>
    public required ReadOnlySpan<char> Name { get; init; }

    /// <summary>The CNAME records, in order of the chain; empty for most.</summary>
    public ReadOnlySpan<FqdnAlias> Aliases { get; init; }

    /// <summary>The A and AAAA records at the end of the chain.</summary>
    public required ReadOnlySpan<FqdnAddress> Addresses { get; init; }
}

/// <summary>One CNAME record: the name it leads to, presentation form, and its time to live.</summary>
internal readonly record struct FqdnAlias(string Target, uint TtlSeconds);

/// <summary>One A or AAAA record. Both families share one key space: IPv4 addresses are v4-mapped.</summary>
internal readonly record struct FqdnAddress
{
    private const int MappedShift = 32;
    private static readonly UInt128 s_mapped = (UInt128)0xffff << MappedShift;

    private FqdnAddress(UInt128 key, uint ttlSeconds)
    {
        Key = key;
        TtlSeconds = ttlSeconds;
    }

    /// <summary>The address, left-aligned.</summary>
    public UInt128 Key { get; }

    /// <summary>Time to live of the record, in seconds.</summary>
    public uint TtlSeconds { get; }

    /// <summary>True for unspecified, loopback, multicast and broadcast addresses: whatever a name says, they are no peer outside.</summary>
    public bool IsNeverLearned => Key == 0 || Key == 1 || (Key >> 120) == 0xff || (IsIpv4 && Ipv4 is var v4
        && ((v4 >> 24) is 0 or 127 || (v4 >> 28) == 14 || v4 == uint.MaxValue));

    /// <summary>True for 169.254.0.0/16 and fe80::/10.</summary>
    public bool IsLinkLocal => IsIpv4 ? (Ipv4 >> 16) == 0xa9fe : (Key >> 118) == 0x3fa;

    private bool IsIpv4 => (Key >> MappedShift) == 0xffff;

    private uint Ipv4 => (uint)Key;

    /// <summary>Reads the data of an A record (4 bytes) or an AAAA record (16 bytes), in network order.</summary>
    /// <exception cref="ArgumentException">Another number of bytes.</exception>
    public static FqdnAddress Of(ReadOnlySpan<byte> data, uint ttlSeconds) => data.Length switch
    {
        4 => new(s_mapped | BinaryPrimitives.ReadUInt32BigEndian(data), ttlSeconds),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(data), ttlSeconds),
        _ => throw new ArgumentException("an address has 4 or 16 bytes", nameof(data)),
    };

    /// <summary>Makes the record of an address.</summary>
    public static FqdnAddress Of(IPAddress address, uint ttlSeconds) => new(IdentitySnapshot.HostKey(address), ttlSeconds);

    /// <summary>The address of a key, IPv4 where it is mapped.</summary>
    public static IPAddress AddressOf(UInt128 key)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        var address = new IPAddress(bytes);
        return address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }
}
