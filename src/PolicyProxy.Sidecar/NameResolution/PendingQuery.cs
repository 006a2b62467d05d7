using PolicyProxy.Gate;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A query that waits for its answer. Taken from and given back to <see cref="PendingQueries"/>. One thread.</summary>
internal sealed class PendingQuery : ITimed
{
    private const int MaxQuestionBytes = DnsName.MaxWireBytes + (2 * sizeof(ushort));

    private readonly byte[] _question = new byte[MaxQuestionBytes];
    private readonly byte[] _sender = new byte[DatagramSocket.MaxAddressBytes];
    private int _questionBytes;
    private int _senderBytes;

    public PendingQuery() => Timeout = new TimeoutEntry(this);

    public TimeoutEntry Timeout { get; }

    /// <summary>The next in the list of the free ones.</summary>
    public PendingQuery? NextFree { get; set; }

    /// <summary>Id of the client's query.</summary>
    public ushort ClientId { get; set; }

    /// <summary>Id under which the resolver was asked.</summary>
    public ushort Id { get; set; }

    /// <summary>The socket it came in at, and at which it is answered.</summary>
    public DnsClientSocket Client { get; set; } = null!;

    /// <summary>The socket the resolver was asked at.</summary>
    public DnsUpstreamSocket Upstream { get; set; } = null!;

    /// <summary>When it was judged, as a time stamp, for the latency in flows.</summary>
    public long TimeStamp { get; set; }

    /// <summary>The permit it was judged by if somebody hears of answers; otherwise the default.</summary>
    public ConnectionPermit Permit;

    /// <summary>RD, CD and EDNS of the query, for a reply of our own.</summary>
    public DnsQueryShape Shape { get; set; }

    public ReadOnlySpan<byte> Question => _question.AsSpan(0, _questionBytes);

    /// <summary>Address of the client in the kernel's form.</summary>
    public ReadOnlySpan<byte> Sender => _sender.AsSpan(0, _senderBytes);

    public void OnTimeout() => Upstream.OnTimeout(this);

    public void OnFault() => Upstream.OnFault();

    public void Keep(scoped in DnsQuery query, ReadOnlySpan<byte> sender)
    {
        query.QuestionBytes.CopyTo(_question);
        _questionBytes = query.QuestionBytes.Length;
        sender.CopyTo(_sender);
        _senderBytes = sender.Length;
        ClientId = query.Id;
        Shape = DnsQueryShape.Of(query.Message);
    }
}
