namespace PolicyProxy.Protocols.Dns;

/// <summary>A DNS query as policy sees it: one question (RFC 1035 §4.1.2). A view: it lives as long as the message and the scratch space.</summary>
public readonly ref struct DnsQuery
{
    private readonly DnsMessage _message;

    /// <summary>Creates the view without a message.</summary>
    /// <param name="name">Presentation-form name; case and a final dot do not matter; empty is the root.</param>
    /// <param name="type">Query type number (RFC 1035 §3.2.3); 1 = A.</param>
    public DnsQuery(ReadOnlySpan<char> name, ushort type)
    {
        Name = name;
        Type = type;
        Class = DnsQueryType.ClassIn;
    }

    private DnsQuery(DnsMessage message, ReadOnlySpan<char> name)
    {
        _message = message;
        Name = name;
        Type = message.Question.Type;
        Class = message.Question.Class;
    }

    /// <summary>The name in presentation form, as sent; see <see cref="DnsWireName.TryFormat"/>.</summary>
    public ReadOnlySpan<char> Name { get; }

    /// <summary>The query type number.</summary>
    public ushort Type { get; }

    /// <summary>The class; 1 = IN.</summary>
    public ushort Class { get; }

    /// <summary>The message; default if the view was made without one.</summary>
    public DnsMessage Message => _message;

    /// <summary>Number that the answer has to repeat.</summary>
    public ushort Id => _message.Header.Id;

    /// <summary>The question as sent, at most 259 bytes; keep these to compare with the answer's.</summary>
    public ReadOnlySpan<byte> QuestionBytes => _message.Question.Bytes;

    /// <summary>
    /// Reads a query: exactly one question, no answers, no authorities, and besides these only OPT, and TSIG or SIG as the last record
    /// (RFC 8945 §5.1, RFC 2931 §3.1). Bits that mean nothing in a query (AA, RA, TC, Z, the response code) are not looked at.
    /// </summary>
    /// <param name="message">The whole message, without its length over TCP.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="scratch">Room for the name; <see cref="DnsName.MaxPresentationChars"/> characters are always enough.</param>
    /// <param name="query">The view; default on failure.</param>
    /// <param name="error">
    /// DnsDirection, TooLarge (also if the scratch is too short), or what <see cref="DnsMessage.TryParse"/> gives.
    /// <see cref="DnsReplyWriter.ResponseCodeFor"/> says what to answer.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> message, DnsLimits limits, Span<char> scratch, out DnsQuery query, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        query = default;
        error = CheckHeader(message, limits);
        if (error.Code != ProtocolErrorCode.None || !DnsMessage.TryParse(message, limits, out var parsed, out error))
        {
            return false;
        }

        if (!parsed.Question.Name.TryFormat(scratch, out var written))
        {
            error = new(ProtocolErrorCode.TooLarge, DnsHeader.Bytes);
            return false;
        }

        query = new(parsed, scratch[..written]);
        return true;
    }

    private static ProtocolError CheckHeader(ReadOnlySpan<byte> message, DnsLimits limits)
    {
        if (!DnsHeader.TryRead(message, out var header))
        {
            return new(ProtocolErrorCode.Truncated, 0);
        }

        return header.IsResponse ? new(ProtocolErrorCode.DnsDirection, 2)
            : header.Opcode != 0 ? new(ProtocolErrorCode.DnsOpcode, 2)
            : header.QuestionCount != 1 ? new(ProtocolErrorCode.DnsQuestionCount, 4)
            : header.AnswerCount != 0 ? new(ProtocolErrorCode.DnsQueryRecord, 6)
            : header.AuthorityCount != 0 ? new(ProtocolErrorCode.DnsQueryRecord, 8)
            : message.Length > limits.MaxQueryBytes ? new(ProtocolErrorCode.TooLarge, 0)
            : default;
    }
}
