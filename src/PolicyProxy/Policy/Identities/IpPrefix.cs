using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PolicyProxy.Policy.Identities;

/// <summary>A masked network of one family. Bits are left-aligned in 128 bits for both families, so containment is one mask.</summary>
internal readonly record struct IpPrefix
{
    private readonly UInt128 _bits;

    private IpPrefix(UInt128 bits, int length, bool isIpv6)
    {
        _bits = bits & Mask(length);
        Length = length;
        IsIpv6 = isIpv6;
    }

    /// <summary>Prefix length in bits: 0-32 or 0-128.</summary>
    public int Length { get; }

    public bool IsIpv6 { get; }

    /// <summary>The masked, left-aligned address bits; a key for exact lookups among prefixes of one length and family.</summary>
    public UInt128 Bits => _bits;

    /// <summary>Makes the prefix of an address. A v4-mapped IPv6 address stays IPv6, as Cilium's parser keeps it.</summary>
    public static IpPrefix Create(IPAddress address, int length) =>
        new(BitsOf(address), length, address.AddressFamily == AddressFamily.InterNetworkV6);

    /// <summary>The host prefix of an address (/32 or /128).</summary>
    public static IpPrefix Host(IPAddress address) =>
        Create(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);

    public static UInt128 Mask(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - length);

    /// <summary>Left-aligned bits of an address.</summary>
    public static UInt128 BitsOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        _ = address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public bool Contains(in IpPrefix other) =>
        IsIpv6 == other.IsIpv6 && Length <= other.Length && (other._bits & Mask(Length)) == _bits;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return $"{new IPAddress(IsIpv6 ? bytes : bytes[..4])}/{Length}";
    }

    /// <summary>Reads the canonical form written by <see cref="ToString"/> or a validated policy text.</summary>
    public static bool TryParse(string text, out IpPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            return false;
        }

        var max = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        var length = max;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out length) || length > max))
        {
            return false;
        }

        prefix = Create(address, length);
        return true;
    }
}
