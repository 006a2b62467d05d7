using System.Buffers.Binary;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>What has to be kept of a query, beside its question, to answer it by oneself.</summary>
/// <param name="Flags">The flags as sent.</param>
/// <param name="HasEdns">True if there was an OPT record.</param>
internal readonly record struct DnsQueryShape(ushort Flags, bool HasEdns)
{
    private const int OptBytes = 11;
    private const ushort Opt = 41;
    private const ushort UdpPayloadBytes = 1_232;

    /// <summary>Room <see cref="Write"/> needs.</summary>
    public const int MaxBytes = DnsHeader.Bytes + DnsName.MaxWireBytes + (2 * sizeof(ushort)) + OptBytes;

    public static DnsQueryShape Of(scoped in DnsMessage message) => new(message.Header.Flags, message.HasEdns);

    /// <summary>Writes a query of this shape; returns its length.</summary>
    public int Write(ushort id, ReadOnlySpan<byte> question, Span<byte> destination)
    {
        destination[..DnsHeader.Bytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 1);
        question.CopyTo(destination[DnsHeader.Bytes..]);
        var length = DnsHeader.Bytes + question.Length;
        if (HasEdns)
        {
            var opt = destination.Slice(length, OptBytes);
            opt.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(opt[1..], Opt);
            BinaryPrimitives.WriteUInt16BigEndian(opt[3..], UdpPayloadBytes);
            BinaryPrimitives.WriteUInt16BigEndian(destination[10..], 1);
            length += OptBytes;
        }

        return length;
    }
}
