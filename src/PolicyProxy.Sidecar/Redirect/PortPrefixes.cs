using System.Buffers.Binary;
using System.Numerics;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Ports in the order of the wire.</summary>
internal static class NetworkOrder
{
    public static ushort Of(int port) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)port) : (ushort)port;
}

/// <summary>Ranges of ports as prefixes, which is what a prefix table of the kernel can look up.</summary>
internal static class PortPrefixes
{
    private const int Bits = 16;

    /// <summary>The fewest prefixes that cover exactly these ports, in order; at most 30.</summary>
    /// <param name="first">First port.</param>
    /// <param name="last">Last port, not below the first.</param>
    public static IEnumerable<(int Port, int Length)> Of(int first, int last)
    {
        for (var port = first; port <= last;)
        {
            // The largest block that starts here and does not reach beyond the end.
            var aligned = port == 0 ? Bits : BitOperations.TrailingZeroCount(port);
            var fitting = BitOperations.Log2((uint)(last - port + 1));
            var size = Math.Min(aligned, fitting);
            yield return (port, Bits - size);
            port += 1 << size;
        }
    }
}
