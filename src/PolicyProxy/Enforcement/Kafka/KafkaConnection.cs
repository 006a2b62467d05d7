using System.Buffers.Binary;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <summary>What to do with the bytes that have come.</summary>
internal enum KafkaStep : byte
{
    /// <summary>Nothing: more have to come, or something else has to happen first.</summary>
    Wait,

    /// <summary>They pass as they are.</summary>
    Pass,

    /// <summary>They have been dealt with and go nowhere.</summary>
    Drop,

    /// <summary>The connection ends, on both sides.</summary>
    Close,
}

/// <summary>
/// What one Kafka client and its broker say to each other, judged: bytes in, decisions out; no IO. Requests pass as they came, without their denied parts, or not
/// at all; responses come in the order of the requests, our own among them. Not thread-safe.
/// </summary>
/// <remarks>
/// Whoever carries the bytes keeps the order: what was passed goes out before <see cref="ToUpstream"/> or <see cref="ToClient"/>, and nothing is asked while these wait.
/// </remarks>
internal sealed partial class KafkaConnection(KafkaDoor door, int bufferBytes)
{
    private const int LengthBytes = sizeof(int);

    private readonly KafkaPendingQueue _pending = new(door.MaxPending);
    private readonly KafkaFrameBuffer _request = new();
    private readonly KafkaFrameBuffer _response = new();
    private KafkaStreamReader? _reader;
    private KafkaTopicNames? _names;
    private short[] _errors = new short[16];
    private int _sessionId;
    private object? _sessionRules;
    private object? _shareRules;
    private bool _isAsking;
    private bool _hasAsked;
    private long _requests;
    private long _denied;
    private long _malformed;

    /// <summary>Requests of our own making.</summary>
    public KafkaOutput ToUpstream { get; } = new();

    /// <summary>Responses of our own making.</summary>
    public KafkaOutput ToClient { get; } = new();

    /// <summary>True once no further request is taken and the connection ends with the last response.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>True if nothing is under way.</summary>
    public bool IsIdle => _pending.Count == 0 && !IsMidRequest && !IsMidResponse && ToUpstream.IsEmpty && ToClient.IsEmpty;

    /// <summary>True inside a request.</summary>
    public bool IsMidRequest => _requestLeft > 0 || _discardLeft > 0 || _request.IsOpen;

    /// <summary>True inside a response.</summary>
    public bool IsMidResponse => _responseLeft > 0 || _response.IsOpen;

    /// <summary>True if only more bytes of the client's can bring it on.</summary>
    public bool WantsBytes => !IsHeld && !_pending.IsFull && ToUpstream.IsEmpty;

    /// <summary>True if a whole request waits for something other than bytes: ask again when something has happened.</summary>
    public bool IsHeld => _request.IsComplete || _isAsking;

    /// <summary>True while an answer waits for its time: come back at the next tick.</summary>
    public bool IsAnswerDelayed => _pending.Count > 0 && _pending.Head is { Action: KafkaAction.Answer };

    /// <summary>Requests judged since the last call, those of them of which something was denied, and those that could not be read.</summary>
    public (long Requests, long Denied, long Malformed) TakeCounts()
    {
        var counts = (_requests, _denied, _malformed);
        (_requests, _denied, _malformed) = (0, 0, 0);
        return counts;
    }

    /// <summary>Takes no further request.</summary>
    public void BeginClosing() => IsClosing = true;

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _request.Release();
        _response.Release();
        ToUpstream.Release();
        ToClient.Release();
    }

    private static int ReadLength(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);

    private Span<short> ErrorsOf(in KafkaRequest request)
    {
        if (_errors.Length < request.NameCount)
        {
            _errors = new short[request.NameCount];
        }

        return _errors.AsSpan(0, request.NameCount);
    }

    private KafkaStep Refuse(ref ConnectionPermit permit, in ProtocolError error)
    {
        _requests++;
        _malformed++;
        door.Gate.Refuse(ref permit, error);
        return KafkaStep.Close;
    }
}
