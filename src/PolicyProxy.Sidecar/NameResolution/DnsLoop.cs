using System.Net;
using System.Runtime.InteropServices;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>One thread that takes queries, asks resolvers and passes answers on. Only <see cref="Events"/> takes work from other threads.</summary>
internal sealed unsafe class DnsLoop : IDisposable
{
    private const long ExpiryMilliseconds = 1_000;

    private readonly Dictionary<IPEndPoint, DnsResolver> _resolvers = [];
    private readonly DatagramQueue _forwarded;
    private readonly DatagramQueue _replies;
    private readonly byte* _replyRoom;
    private readonly byte[] _query = new byte[DnsQueryShape.MaxBytes];
    private byte* _stripped;
    private readonly List<FqdnAddress> _learned = [];
    private LearnedHere? _learnedHere;
    private TaskCompletionSource? _drained;
    private DnsClientSocket? _replyingAt;
    private int _streams;
    private long _nextExpiry;

    public DnsLoop(DnsDoor door, DnsProxyOptions options, Action<Exception> onFault, BufferBudget budget)
    {
        Door = door;
        Options = options;
        Events = new EventLoop(new BufferPool(StreamBufferBytes, budget), onFault) { OnTick = OnTick };
        StreamTimeouts = Events.AddTimeout(options.StreamIdleTimeout);
        DrainGraceTimeouts = Events.AddTimeout(options.DrainGrace);
        QueryTimeouts = Events.AddTimeout(options.QueryTimeout);
        Pending = new PendingQueries(options.MaxPending, QueryTimeouts);
        Queries = new DatagramBatch(options.BatchSize, options.Messages.MaxQueryBytes + 1, hasSenders: true);
        Answers = new DatagramBatch(options.BatchSize, options.Messages.MaxMessageBytes, hasSenders: false);
        _forwarded = new DatagramQueue(options.BatchSize);
        _replies = new DatagramQueue(options.BatchSize);
        _replyRoom = (byte*)NativeMemory.Alloc((nuint)options.BatchSize, DnsReplyWriter.MaxBytes);
    }

    /// <summary>Room for the longest message over TCP with its length, in whole pages; only what is used takes memory.</summary>
    public const int StreamBufferBytes = 2 * 65_536;

    public DnsDoor Door { get; }

    public DnsProxyOptions Options { get; }

    public EventLoop Events { get; }

    public RandomIds Ids { get; } = new();

    public PendingQueries Pending { get; }

    public DnsCounters Counters { get; } = new();

    /// <summary>Datagrams of clients.</summary>
    public DatagramBatch Queries { get; }

    /// <summary>Datagrams of resolvers.</summary>
    public DatagramBatch Answers { get; }

    /// <summary>Told of what answers teach; null = nobody is. Set by any thread.</summary>
    public LearnedHere? Learned
    {
        get => Volatile.Read(ref _learnedHere);
        set => Volatile.Write(ref _learnedHere, value);
    }

    /// <summary>Looks after the slots; null = nothing is redirected. Set before the start.</summary>
    public SlotRecycling? Slots { get; set; }

    /// <summary>Takes the characters of the name that is being judged.</summary>
    public char[] Scratch { get; } = new char[DnsName.MaxPresentationChars];

    public TimeoutQueue StreamTimeouts { get; }

    public TimeoutQueue DrainGraceTimeouts { get; }

    /// <summary>Of every query that waits for a resolver, whatever it came over.</summary>
    public TimeoutQueue QueryTimeouts { get; }

    /// <summary>True once the proxy stops.</summary>
    public bool IsDraining => _drained is not null;

    /// <summary>The resolver at an address.</summary>
    public DnsResolver Resolver(IPEndPoint address)
    {
        ref var resolver = ref CollectionsMarshal.GetValueRefOrAddDefault(_resolvers, address, out _);
        return resolver ??= new DnsResolver(this, address);
    }

    /// <summary>Room for the reply to one query of a batch; stands until the replies are flushed.</summary>
    public byte* ReplyRoom(int index) => _replyRoom + (index * DnsReplyWriter.MaxBytes);

    /// <summary>Has an answer learned; on return everybody who judges by addresses knows it.</summary>
    public void Learn(in ConnectionPermit permit, in DnsAnswer answer)
    {
        Door.Learn(permit, answer, Scratch, _learned);
        Learned?.Tell();
    }

    /// <summary>Completes the task when no query waits any more and no client may send one.</summary>
    public void Drain(TaskCompletionSource drained)
    {
        _drained = drained;
        Clients.ToList().ForEach(static client => client.OnDrain());
        CompleteDrain();
    }

    /// <summary>Makes the flow of an answer, if the query was kept for that.</summary>
    public void Report(PendingQuery query, in DnsAnswer answer)
    {
        if (query.TimeStamp != 0)
        {
            Door.Complete(query.Permit, answer, query.TimeStamp);
        }
    }

    /// <summary>Queues a query for the socket that is flushed next.</summary>
    public void Forward(byte* bytes, int length)
    {
        Counters.Forwarded++;
        _forwarded.Add(bytes, length);
    }

    public void FlushForwarded(int descriptor) => _forwarded.Flush(descriptor);

    /// <summary>Queues a reply. Its bytes must stay until the replies are flushed.</summary>
    public void Reply(DnsClientSocket client, byte* bytes, int length, ReadOnlySpan<byte> receiver)
    {
        if (_replies.IsFull || (_replyingAt is not null && _replyingAt != client))
        {
            FlushReplies();
        }

        _replyingAt = client;
        _replies.Add(bytes, length, receiver);
    }

    public void FlushReplies()
    {
        if (_replyingAt is { } client)
        {
            _replyingAt = null;
            _replies.Flush(client.Socket);
        }
    }

    /// <summary>Answers a query that its resolver does not answer, and waits no more for it.</summary>
    public void Fail(PendingQuery query, int extendedError)
    {
        query.Upstream.Resolver.Note(answered: false);
        Counters.Failed++;
        Answer(query, extendedError);
        query.Upstream.Forget(query);
        Pending.Return(query);
    }

    /// <summary>Sends SERVFAIL.</summary>
    public void Answer(PendingQuery query, int extendedError)
    {
        FlushReplies();
        var length = query.Shape.Write(query.ClientId, query.Question, _query);
        var room = ReplyRoom(0);
        Reply(query.Client, room, DnsDoor.Fail(_query.AsSpan(0, length), extendedError, new Span<byte>(room, DnsReplyWriter.MaxBytes)), query.Sender);
        FlushReplies();
    }

    /// <summary>Takes the keys for Encrypted Client Hello out; the length, or 0 if that cannot be done.</summary>
    public int StripEch(in DnsAnswer answer, ref byte* start)
    {
        FlushReplies(); // there is room for one
        if (_stripped == null)
        {
            _stripped = (byte*)NativeMemory.Alloc(ushort.MaxValue);
        }

        switch (DnsEch.Remove(answer.Message, new Span<byte>(_stripped, ushort.MaxValue), out var written))
        {
            case DnsEchRemoval.Absent:
                return answer.Message.Bytes.Length;
            case DnsEchRemoval.Removed:
                start = _stripped;
                return written;
            default:
                return 0;
        }
    }

    /// <summary>Takes over an accepted connection; refuses it when there are too many.</summary>
    public void Serve(int descriptor, in ConnectionPermit permit, IPEndPoint resolver)
    {
        if (_streams >= Options.MaxStreams)
        {
            StreamSocket.Close(descriptor, reset: true);
            return;
        }

        _streams++;
        var client = new DnsStreamClient(this, descriptor, permit, resolver);
        if (Events.Watch(client))
        {
            client.Start();
        }
        else
        {
            client.Close(reset: true);
        }
    }

    public void StreamClosed() => _streams--;

    public void Dispose()
    {
        foreach (var resolver in _resolvers.Values)
        {
            resolver.Close();
        }

        foreach (var socket in Events.Sockets.ToList())
        {
            (socket as DnsUpstreamSocket)?.Close(); // of ports that were given up
            (socket as DnsStreamClient)?.Close(reset: true);
        }

        Events.Dispose();
        Queries.Dispose();
        Answers.Dispose();
        _forwarded.Dispose();
        _replies.Dispose();
        NativeMemory.Free(_replyRoom);
        NativeMemory.Free(_stripped);
    }

    private IEnumerable<DnsStreamClient> Clients => Events.Sockets.OfType<DnsStreamClient>();

    private void OnTick()
    {
        if (Events.Now >= _nextExpiry)
        {
            _nextExpiry = Events.Now + ExpiryMilliseconds;
            Door.Expire();
            Slots?.Look(Events.Now);
        }

        CompleteDrain();
    }

    private void CompleteDrain()
    {
        if (_drained is { } drained && Pending.Count == 0 && !Clients.Any())
        {
            drained.TrySetResult();
        }
    }
}
