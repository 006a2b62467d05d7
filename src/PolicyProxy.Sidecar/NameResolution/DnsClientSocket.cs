using System.Diagnostics;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A socket at which clients send queries. The descriptor stays open for answers when it takes no more queries.</summary>
internal sealed unsafe class DnsClientSocket : LoopSocket
{
    private const int MaxTurns = 8;

    private readonly DnsLoop _loop;
    private readonly IDnsOrigin _origin;

    public DnsClientSocket(DnsLoop loop, int descriptor, IDnsOrigin origin)
        : base(loop.Events, descriptor)
    {
        _loop = loop;
        _origin = origin;
        Socket = descriptor;
    }

    /// <summary>The descriptor, also when it is not watched any more.</summary>
    public int Socket { get; }

    /// <summary>Takes no more queries.</summary>
    public void Stop() => Release();

    public override void OnReady()
    {
        for (var turn = 0; turn < MaxTurns && IsOpen; turn++)
        {
            var count = _loop.Queries.Receive(Descriptor);
            if (count > 0)
            {
                Take(count);
            }

            if (count < _loop.Queries.Capacity)
            {
                AwaitReceive();
                return;
            }
        }

        Loop.Schedule(this);
    }

    public override void OnTimeout() => throw new InvalidOperationException("a socket for clients has no timeout");

    public override void OnFault() => Loop.Schedule(this);

    private void Take(int count)
    {
        _loop.Counters.Queries += count;
        if (_origin.ResolverOf(_loop) is not { } resolver)
        {
            _loop.Counters.Strays += count;
            return;
        }

        var upstream = resolver.Draw();
        for (var i = 0; i < count; i++)
        {
            if (!_loop.Queries.IsCutOff(i) && _origin.TryIdentify(_loop.Queries.Sender(i), out var process))
            {
                Judge(i, resolver, upstream, process);
            }
            else
            {
                _loop.Counters.Strays++;
            }
        }

        if (upstream is not null)
        {
            _loop.FlushForwarded(upstream.Descriptor);
        }

        _loop.FlushReplies();
    }

    private void Judge(int index, DnsResolver resolver, DnsUpstreamSocket? upstream, WorkloadProcess? process)
    {
        var message = _loop.Queries[index];
        var sender = _loop.Queries.Sender(index);
        var isObserved = _loop.Door.IsObserved;
        var own = isObserved ? _loop.Door.Permit(resolver.Address, TransportProtocol.Udp, DatagramSocket.EndPoint(sender), process) : default;
        ref var permit = ref isObserved ? ref own : ref resolver.Permit;
        var room = _loop.ReplyRoom(index);
        switch (_loop.Door.Decide(ref permit, message, _loop.Scratch, out var query, new Span<byte>(room, DnsReplyWriter.MaxBytes), out var length))
        {
            case DnsDecision.Reply:
                _loop.Counters.Denied++;
                _loop.Reply(this, room, length, sender);
                break;
            case DnsDecision.Forward when upstream is not null && _loop.Pending.Take(Loop.Now) is { } pending:
                pending.Keep(query, sender);
                pending.Client = this;
                pending.TimeStamp = isObserved ? Stopwatch.GetTimestamp() : 0;
                pending.Permit = own;
                upstream.Add(pending);
                DnsMessage.WriteId(message, pending.Id);
                _loop.Forward(_loop.Queries.Start(index), message.Length);
                break;
            case DnsDecision.Forward:
                _loop.Counters.Failed++;
                length = DnsDoor.Fail(message, DnsExtendedErrorCode.NetworkError, new Span<byte>(room, DnsReplyWriter.MaxBytes));
                _loop.Reply(this, room, length, sender);
                break;
            default:
                _loop.Counters.Malformed++;
                break;
        }
    }
}
