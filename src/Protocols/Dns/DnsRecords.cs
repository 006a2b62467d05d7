namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Records of a message, read again on every enumeration without a copy: <c>foreach (var record in message.Records)</c>. Its own
/// enumerator: copy it to start over, or to go on from here.
/// </summary>
public ref struct DnsRecords
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly DnsHeader _header;
    private readonly int _count;
    private SpanReader _reader;
    private DnsResourceRecord _current;
    private int _next;

    internal DnsRecords(ReadOnlySpan<byte> message, int offset, DnsHeader header, int count)
    {
        _message = message;
        _header = header;
        _count = count;
        _reader = new SpanReader(message);
        _ = _reader.TrySkip(offset);
    }

    /// <summary>The record at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly DnsResourceRecord Current => _current;

    /// <summary>Goes to the next record. All were checked when the message was read, so false means the end.</summary>
    public bool MoveNext()
    {
        if (_next >= _count || !DnsResourceRecord.TryReadAgain(_message, SectionOf(_header, _next), ref _reader, out _current))
        {
            return false;
        }

        _next++;
        return true;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsRecords GetEnumerator() => this;

    internal static DnsSection SectionOf(DnsHeader header, int index) =>
        index < header.AnswerCount ? DnsSection.Answer
        : index < header.AnswerCount + header.AuthorityCount ? DnsSection.Authority
        : DnsSection.Additional;
}
