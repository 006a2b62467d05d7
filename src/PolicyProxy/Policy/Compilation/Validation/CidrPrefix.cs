using System.Net;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>
/// An address prefix. The host bits are as written; <see cref="Network"/> is masked. IPv4 addresses occupy the low 32 bits. An IPv4-mapped IPv6
/// prefix stays IPv6 and never contains an IPv4 address.
/// </summary>
internal readonly record struct CidrPrefix(UInt128 Address, int Length, bool IsIPv6)
{
    private int Width => IsIPv6 ? 128 : 32;

    /// <summary>The address with its host bits cleared.</summary>
    public UInt128 Network => Length == 0 ? UInt128.Zero : Address >> (Width - Length) << (Width - Length);

    /// <summary>True when every address of <paramref name="other"/> lies in this prefix.</summary>
    public bool Contains(CidrPrefix other) =>
        other.IsIPv6 == IsIPv6 && other.Length >= Length && (other with { Length = Length }).Network == Network;

    /// <summary>The masked prefix as the BCL's type.</summary>
    public IPNetwork ToIPNetwork()
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, Network);
        return new IPNetwork(new IPAddress(IsIPv6 ? bytes : bytes[12..]), Length);
    }

    /// <summary>The masked prefix in its shortest text, for example <c>10.0.0.0/8</c>.</summary>
    public override string ToString() => ToIPNetwork().ToString();
}
