namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// A response as policy learns from it: the aliases that lead from the question name to its last name, and the addresses of that. Only
/// records on this chain count, wherever they stand in the answer section; what a server adds besides teaches nothing. A view on the message.
/// </summary>
public readonly ref struct DnsAnswer
{
    private readonly DnsMessage _message;
    private readonly DnsWireName _lastName;
    private readonly int _aliasTtl;
    private readonly bool _teaches;

    private DnsAnswer(DnsMessage message, DnsWireName lastName, int aliasTtl, int aliasCount, bool isComplete)
    {
        _message = message;
        _lastName = lastName;
        _aliasTtl = aliasTtl;
        AliasCount = aliasCount;
        _teaches = isComplete && message.ResponseCode == DnsResponseCode.NoError;
    }

    /// <summary>The message.</summary>
    public DnsMessage Message => _message;

    /// <summary>Number of the query.</summary>
    public ushort Id => _message.Header.Id;

    /// <summary>The response code with the bits of EDNS.</summary>
    public DnsResponseCode ResponseCode => _message.ResponseCode;

    /// <summary>TC: the answer did not fit; the client asks again over TCP. What is there teaches all the same, as clients may use it.</summary>
    public bool IsTruncated => _message.Header.IsTruncated;

    /// <summary>The question that is answered.</summary>
    public DnsQuestion Question => _message.Question;

    /// <summary>How many names <see cref="Aliases"/> yields.</summary>
    public int AliasCount { get; }

    /// <summary>The targets of the CNAME records in the order in which they lead away from the question name.</summary>
    public DnsAliases Aliases => new(_message, AliasCount);

    /// <summary>
    /// Addresses of the last name. None unless the response code is NOERROR, and none if the aliases go in circles or are more than the limit.
    /// </summary>
    public DnsAddresses Addresses => new(_teaches ? _message.Answers : default, _lastName, _aliasTtl);

    /// <summary>Reads a response.</summary>
    /// <param name="message">The whole message, without its length over TCP.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="answer">The view; default on failure.</param>
    /// <param name="error">DnsDirection, or what <see cref="DnsMessage.TryParse"/> gives.</param>
    public static bool TryParse(ReadOnlySpan<byte> message, DnsLimits limits, out DnsAnswer answer, out ProtocolError error)
    {
        answer = default;
        if (!DnsMessage.TryParse(message, limits, out var parsed, out error))
        {
            return false;
        }

        if (!parsed.Header.IsResponse)
        {
            error = new(ProtocolErrorCode.DnsDirection, 2);
            return false;
        }

        var aliases = new DnsAliases(parsed, limits.MaxAliases);
        var ttl = int.MaxValue;
        var count = 0;
        while (aliases.MoveNext())
        {
            ttl = Math.Min(ttl, aliases.CurrentTtl);
            count++;
        }

        answer = new(parsed, aliases.Current, ttl, count, isComplete: parsed.Question.Bytes.Length > 0 && !aliases.HasMore());
        return true;
    }

    /// <summary>
    /// True if this answers the query: its id, and its question byte for byte, case included, which an off-path sender has to guess as well
    /// (RFC 5452 §9.1). False if the question is not repeated. Whether it came from the right address and port is for the caller.
    /// </summary>
    /// <param name="id">Id under which the query went out.</param>
    /// <param name="questionBytes"><see cref="DnsQuery.QuestionBytes"/>.</param>
    public bool Matches(ushort id, ReadOnlySpan<byte> questionBytes) =>
        Id == id && questionBytes.Length > 0 && Question.Bytes.SequenceEqual(questionBytes);

    /// <summary>True if this answers the query under its own id.</summary>
    /// <param name="query">A query that was read from a message.</param>
    public bool Matches(scoped in DnsQuery query) => Matches(query.Id, query.QuestionBytes);
}
