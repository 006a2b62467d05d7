namespace PolicyProxy.Protocols.Dns;

/// <summary>The fixed start of a message (RFC 1035 §4.1.1, RFC 4035 §3.2 for AD and CD).</summary>
/// <param name="Id">Number that an answer repeats.</param>
/// <param name="Flags">The 16 bits behind the id, as sent.</param>
/// <param name="QuestionCount">Questions announced.</param>
/// <param name="AnswerCount">Records announced in the answer section.</param>
/// <param name="AuthorityCount">Records announced in the authority section.</param>
/// <param name="AdditionalCount">Records announced in the additional section.</param>
public readonly record struct DnsHeader(
    ushort Id, ushort Flags, ushort QuestionCount, ushort AnswerCount, ushort AuthorityCount, ushort AdditionalCount)
{
    /// <summary>Length of every header, in bytes.</summary>
    public const int Bytes = 12;

    internal const ushort ResponseFlag = 0x8000;
    internal const ushort TruncatedFlag = 0x0200;
    internal const ushort RecursionDesiredFlag = 0x0100;
    internal const ushort RecursionAvailableFlag = 0x0080;
    internal const ushort AuthenticDataFlag = 0x0020;
    internal const ushort CheckingDisabledFlag = 0x0010;
    internal const ushort OpcodeMask = 0x7800;

    /// <summary>QR: true for a response.</summary>
    public bool IsResponse => (Flags & ResponseFlag) != 0;

    /// <summary>What is asked, 0..15; 0 is a query, the only one that is read further.</summary>
    public int Opcode => (Flags & OpcodeMask) >> 11;

    /// <summary>AA: the server is an authority for the name.</summary>
    public bool IsAuthoritative => (Flags & 0x0400) != 0;

    /// <summary>TC: the message was cut to fit the transport.</summary>
    public bool IsTruncated => (Flags & TruncatedFlag) != 0;

    /// <summary>RD: the client asks for recursion.</summary>
    public bool RecursionDesired => (Flags & RecursionDesiredFlag) != 0;

    /// <summary>RA: the server offers recursion.</summary>
    public bool RecursionAvailable => (Flags & RecursionAvailableFlag) != 0;

    /// <summary>AD: the server vouches for the data, or the client would understand that.</summary>
    public bool AuthenticData => (Flags & AuthenticDataFlag) != 0;

    /// <summary>CD: the client validates by itself.</summary>
    public bool CheckingDisabled => (Flags & CheckingDisabledFlag) != 0;

    /// <summary>The four bits of the response code that stand in the header; <see cref="DnsMessage.ResponseCode"/> has the other eight.</summary>
    public int ResponseCodeBits => Flags & 0x000F;

    /// <summary>Records announced in all sections.</summary>
    public int RecordCount => AnswerCount + AuthorityCount + AdditionalCount;

    /// <summary>Reads the header only; enough to answer a message that is refused.</summary>
    /// <param name="message">A message without the length it has over TCP.</param>
    /// <param name="header">The header; default on failure.</param>
    /// <returns>False if there are fewer than <see cref="Bytes"/> bytes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        var reader = new SpanReader(message);
        if (!reader.TryReadInt64(out var first) || !reader.TryReadUInt32(out var last))
        {
            header = default;
            return false;
        }

        header = new((ushort)(first >> 48), (ushort)(first >> 32), (ushort)(first >> 16), (ushort)first, (ushort)(last >> 16), (ushort)last);
        return true;
    }
}
