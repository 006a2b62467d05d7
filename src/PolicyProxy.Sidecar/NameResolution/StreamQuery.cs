using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A query over TCP that waits for its answer. One thread.</summary>
internal sealed class StreamQuery : ITimed
{
    private readonly DnsStreamClient _client;
    private readonly int _questionBytes;

    /// <param name="client">Who asks.</param>
    /// <param name="query">The query.</param>
    /// <param name="message">It as the client sent it.</param>
    /// <param name="timeStamp">When it was judged.</param>
    public StreamQuery(DnsStreamClient client, scoped in DnsQuery query, ReadOnlySpan<byte> message, long timeStamp)
    {
        _client = client;
        _questionBytes = query.QuestionBytes.Length;
        Message = message.ToArray();
        ClientId = query.Id;
        Shape = DnsQueryShape.Of(query.Message);
        TimeStamp = timeStamp;
        Timeout = new TimeoutEntry(this);
    }

    /// <summary>As the client sent it.</summary>
    public byte[] Message { get; }

    /// <summary>Id of the client's query.</summary>
    public ushort ClientId { get; }

    /// <summary>Id under which the resolver was asked last.</summary>
    public ushort Id { get; set; }

    /// <summary>For a reply of our own.</summary>
    public DnsQueryShape Shape { get; }

    /// <summary>When it was judged; for the latency in flows.</summary>
    public long TimeStamp { get; }

    /// <summary>The question as sent.</summary>
    public ReadOnlySpan<byte> Question => Message.AsSpan(DnsHeader.Bytes, _questionBytes);

    /// <summary>Runs from when the resolver is first asked; being asked again does not prolong it.</summary>
    public TimeoutEntry Timeout { get; }

    public void OnTimeout() => _client.OnTimeout(this);

    public void OnFault() => _client.OnFault();
}
