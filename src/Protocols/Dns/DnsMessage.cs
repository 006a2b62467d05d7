using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// One query or response, a view on its bytes. Everything is checked when it is read: every name, every length, the end; so that looking
/// at records afterwards cannot fail. Nothing is copied or allocated; the bytes must outlive the view.
/// </summary>
public readonly ref struct DnsMessage
{
    private const int NoEdns = 0;

    private readonly int _recordsOffset;
    private readonly int _ednsOffset;

    private DnsMessage(ReadOnlySpan<byte> bytes, DnsHeader header, DnsQuestion question, int recordsOffset, Findings findings)
    {
        Bytes = bytes;
        Header = header;
        Question = question;
        _recordsOffset = recordsOffset;
        _ednsOffset = findings.EdnsOffset;
        AliasRecordCount = findings.AliasRecords;
    }

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Id, flags and counts.</summary>
    public DnsHeader Header { get; }

    /// <summary>The question; without bytes in a response that does not repeat it.</summary>
    public DnsQuestion Question { get; }

    /// <summary>Records of all sections in order; see <see cref="DnsResourceRecord.Section"/>.</summary>
    public DnsRecords Records => new(Bytes, _recordsOffset, Header, Header.RecordCount);

    /// <summary>Records of the answer section.</summary>
    public DnsRecords Answers => new(Bytes, _recordsOffset, Header, Header.AnswerCount);

    /// <summary>True if there is an OPT record (RFC 6891).</summary>
    public bool HasEdns => _ednsOffset != NoEdns;

    /// <summary>The OPT record; if there is none, the default, which says 512 bytes and no flags.</summary>
    public DnsEdns Edns
    {
        get
        {
            var reader = new SpanReader(Bytes);
            _ = reader.TrySkip(_ednsOffset);
            return HasEdns && DnsResourceRecord.TryReadAgain(Bytes, DnsSection.Additional, ref reader, out var record) ? new(record) : default;
        }
    }

    /// <summary>CNAME records in the answer section.</summary>
    internal int AliasRecordCount { get; }

    /// <summary>The response code with the eight bits of EDNS (RFC 6891 §6.1.3); may be a number without a name.</summary>
    public DnsResponseCode ResponseCode => (DnsResponseCode)((Edns.ExtendedResponseCodeBits << 4) | Header.ResponseCodeBits);

    /// <summary>
    /// Reads a message with at most one question and opcode QUERY. A query has no records but OPT, and TSIG or SIG as the last one
    /// (RFC 8945 §5.1, RFC 2931 §3.1).
    /// </summary>
    /// <param name="bytes">The whole message, without its length over TCP.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="message">The view; default on failure.</param>
    /// <param name="error">
    /// Truncated, TooLarge, TrailingBytes, DnsOpcode, DnsQuestionCount, DnsQueryRecord, DnsName, DnsLabelType, DnsPointer, DnsData, DnsEdns or
    /// DnsServiceParameter.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, DnsLimits limits, out DnsMessage message, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        message = default;
        var reader = new SpanReader(bytes);
        var code = ReadStart(bytes, limits, ref reader, out var header, out var question);
        var findings = default(Findings);
        var recordsOffset = reader.Position;
        if (code == ProtocolErrorCode.None && header.RecordCount > 0)
        {
            code = ReadRecords(bytes, header, ref reader, out findings);
        }

        if (code == ProtocolErrorCode.None && reader.Remaining > 0)
        {
            code = ProtocolErrorCode.TrailingBytes;
        }

        if (code != ProtocolErrorCode.None)
        {
            error = new(code, reader.Position);
            return false;
        }

        message = new(bytes, header, question, recordsOffset, findings);
        error = default;
        return true;
    }

    /// <summary>Gives a message another id; nothing if there is no room for one.</summary>
    /// <param name="message">The message, changed in place.</param>
    /// <param name="id">The id.</param>
    public static void WriteId(Span<byte> message, ushort id) => _ = BinaryPrimitives.TryWriteUInt16BigEndian(message, id);

    private static ProtocolErrorCode ReadStart(
        ReadOnlySpan<byte> bytes, DnsLimits limits, scoped ref SpanReader reader, out DnsHeader header, out DnsQuestion question)
    {
        question = default;
        if (!DnsHeader.TryRead(bytes, out header))
        {
            return ProtocolErrorCode.Truncated;
        }

        if (bytes.Length > limits.MaxMessageBytes || header.RecordCount > limits.MaxRecords)
        {
            return ProtocolErrorCode.TooLarge;
        }

        if (header.Opcode != 0)
        {
            return ProtocolErrorCode.DnsOpcode;
        }

        if (header.QuestionCount > 1)
        {
            return ProtocolErrorCode.DnsQuestionCount;
        }

        _ = reader.TrySkip(DnsHeader.Bytes);
        return header.QuestionCount == 0 ? ProtocolErrorCode.None : DnsQuestion.TryRead(bytes, ref reader, out question);
    }

    private static ProtocolErrorCode ReadRecords(ReadOnlySpan<byte> bytes, DnsHeader header, scoped ref SpanReader reader, out Findings findings)
    {
        findings = default;
        for (var i = 0; i < header.RecordCount; i++)
        {
            var start = reader.Position;
            var code = DnsResourceRecord.TryRead(bytes, DnsRecords.SectionOf(header, i), ref reader, out var record);
            code = code != ProtocolErrorCode.None ? code
                : !header.IsResponse && !MayBeInQuery(record.Type, isLast: i == header.RecordCount - 1) ? ProtocolErrorCode.DnsQueryRecord
                : DnsDataCheck.Check(record);
            if (code != ProtocolErrorCode.None)
            {
                return code;
            }

            if (record.Type == DnsQueryType.Opt)
            {
                if (findings.EdnsOffset != NoEdns || record.Section != DnsSection.Additional)
                {
                    return ProtocolErrorCode.DnsEdns;
                }

                findings.EdnsOffset = start;
            }
            else if (record is { Type: DnsQueryType.CName, Section: DnsSection.Answer })
            {
                findings.AliasRecords++;
            }
        }

        return ProtocolErrorCode.None;
    }

    private static bool MayBeInQuery(ushort type, bool isLast) =>
        type == DnsQueryType.Opt || (isLast && type is DnsQueryType.Tsig or DnsQueryType.Sig);

    /// <summary>What is remembered of the records.</summary>
    private struct Findings
    {
        public int EdnsOffset;
        public int AliasRecords;
    }
}
