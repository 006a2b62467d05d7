using System.Buffers;
using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Writes responses that a proxy makes itself. The question is repeated byte for byte; a query with EDNS is answered with EDNS
/// (RFC 6891 §6.1.1). Never longer than the 512 bytes that everybody can receive. Static and thread-safe; allocates nothing.
/// </summary>
public static class DnsReplyWriter
{
    /// <summary>Longest reply, in bytes.</summary>
    public const int MaxBytes = DnsEdns.MinUdpPayloadBytes;

    /// <summary>Longest text beside an extended error, in bytes: what 512 bytes have left beside the longest question.</summary>
    public const int MaxTextBytes = MaxBytes - DnsHeader.Bytes - DnsName.MaxWireBytes - (2 * sizeof(ushort)) - OptBytes - ErrorBytes;

    // 1,232 bytes reach everybody unfragmented (DNS flag day 2020)
    private const ushort UdpPayloadBytes = 1_232;
    private const int OptBytes = 11;
    private const int ErrorBytes = 6;

    /// <summary>What to answer to a message that was refused; null if nothing: to a response, or to bytes without a header.</summary>
    /// <param name="error">Why <see cref="DnsQuery.TryParse"/> refused it.</param>
    /// <param name="message">The message.</param>
    public static DnsResponseCode? ResponseCodeFor(ProtocolError error, ReadOnlySpan<byte> message) =>
        !DnsHeader.TryRead(message, out var header) || header.IsResponse ? null
        : error.Code == ProtocolErrorCode.DnsOpcode ? DnsResponseCode.NotImplemented
        : DnsResponseCode.FormatError;

    /// <summary>Writes a reply.</summary>
    /// <param name="query">
    /// The query as received. It need not be valid: a question that can be read is repeated, and one that cannot is left out.
    /// </param>
    /// <param name="reply">What to answer.</param>
    /// <param name="destination">Where to; <see cref="MaxBytes"/> are always enough.</param>
    /// <returns>Bytes written; 0 if the destination is too short, or the query has no header or is a response.</returns>
    public static int Write(ReadOnlySpan<byte> query, scoped in DnsReply reply, Span<byte> destination)
    {
        if (!DnsHeader.TryRead(query, out var header) || header.IsResponse)
        {
            return 0;
        }

        var question = Question(query, header);
        var hasEdns = DnsMessage.TryParse(query, DnsLimits.Default, out var message, out _) && message.HasEdns;
        var text = reply.ExtendedError is null ? default : Cut(reply.Text);
        var errorBytes = reply.ExtendedError is null ? 0 : ErrorBytes + text.Length;
        var length = DnsHeader.Bytes + question.Length + (hasEdns ? OptBytes + errorBytes : 0);
        if (destination.Length < length)
        {
            return 0;
        }

        WriteHeader(header, reply, hasQuestion: !question.IsEmpty, hasEdns, destination);
        question.CopyTo(destination[DnsHeader.Bytes..]);
        if (hasEdns)
        {
            WriteEdns(message.Edns, reply, text, errorBytes, destination[(DnsHeader.Bytes + question.Length)..]);
        }

        return length;
    }

    /// <summary>Writes a reply behind the length it has over TCP (RFC 7766 §8).</summary>
    /// <param name="query">The query as received, without its length.</param>
    /// <param name="reply">What to answer.</param>
    /// <param name="output">Where to.</param>
    /// <returns>False if the query has no header or is a response; nothing is written then.</returns>
    public static bool WriteFrame(ReadOnlySpan<byte> query, scoped in DnsReply reply, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var frame = output.GetSpan(DnsTcpScanner.LengthBytes + MaxBytes);
        var length = Write(query, reply, frame[DnsTcpScanner.LengthBytes..]);
        if (length == 0)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)length);
        output.Advance(DnsTcpScanner.LengthBytes + length);
        return true;
    }

    private static ReadOnlySpan<byte> Question(ReadOnlySpan<byte> query, DnsHeader header)
    {
        var reader = new SpanReader(query);
        _ = reader.TrySkip(DnsHeader.Bytes);
        return header.QuestionCount == 1 && DnsQuestion.TryRead(query, ref reader, out var question) == ProtocolErrorCode.None ? question.Bytes : default;
    }

    private static void WriteHeader(DnsHeader query, scoped in DnsReply reply, bool hasQuestion, bool hasEdns, Span<byte> destination)
    {
        // RD and CD are repeated (RFC 1035 §4.1.1, RFC 4035 §3.2.2); nothing is vouched for
        var flags = DnsHeader.ResponseFlag
            | (query.Flags & (DnsHeader.OpcodeMask | DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag))
            | (reply.IsTruncated ? DnsHeader.TruncatedFlag : 0)
            | (reply.RecursionAvailable ? DnsHeader.RecursionAvailableFlag : 0)
            | Bits(reply.ResponseCode, hasEdns);
        BinaryPrimitives.WriteUInt16BigEndian(destination, query.Id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], hasQuestion ? (ushort)1 : (ushort)0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[6..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], hasEdns ? (ushort)1 : (ushort)0);
    }

    private static int Bits(DnsResponseCode code, bool hasEdns) =>
        (int)code <= 0xF || hasEdns ? (int)code & 0xF : (int)DnsResponseCode.ServerFailure;

    private static void WriteEdns(scoped in DnsEdns query, scoped in DnsReply reply, ReadOnlySpan<byte> text, int errorBytes, Span<byte> destination)
    {
        destination[0] = 0; // the root
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], DnsQueryType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(destination[3..], UdpPayloadBytes);
        destination[5] = (byte)((int)reply.ResponseCode >> 4);
        destination[6] = 0; // version
        BinaryPrimitives.WriteUInt16BigEndian(destination[7..], query.DnssecOk ? DnsEdns.DnssecOkFlag : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(destination[9..], (ushort)errorBytes);
        if (reply.ExtendedError is { } infoCode)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[11..], DnsOption.ExtendedError);
            BinaryPrimitives.WriteUInt16BigEndian(destination[13..], (ushort)(sizeof(ushort) + text.Length));
            BinaryPrimitives.WriteUInt16BigEndian(destination[15..], (ushort)infoCode);
            text.CopyTo(destination[17..]);
        }
    }

    // Not inside a character
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text)
    {
        if (text.Length <= MaxTextBytes)
        {
            return text;
        }

        var length = MaxTextBytes;
        while (length > 0 && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return text[..length];
    }
}
