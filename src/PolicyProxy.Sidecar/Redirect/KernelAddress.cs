using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>An address as the shim keeps it: 16 bytes in network order, IPv4 as <c>::ffff:a.b.c.d</c>.</summary>
[InlineArray(16)]
internal struct KernelAddress
{
    private byte _first;

    public static KernelAddress Of(IPAddress address)
    {
        KernelAddress result = default;
        _ = address.MapToIPv6().TryWriteBytes(result, out _);
        return result;
    }

    public static KernelAddress Of(UInt128 bits)
    {
        KernelAddress result = default;
        BinaryPrimitives.WriteUInt128BigEndian(result, bits);
        return result;
    }

    /// <summary>The address; IPv4 comes back as such.</summary>
    public readonly IPAddress ToAddress()
    {
        var address = new IPAddress(this);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
