using System.ComponentModel;
using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>A resolver that queries go to, and the sockets one loop asks it with. One thread.</summary>
internal sealed class DnsResolver
{
    /// <summary>Failures in a row that make a resolver suspect: 3.</summary>
    private const int MaxFailures = 3;

    /// <summary>How long it is then not preferred: 10 seconds.</summary>
    private const long SuspectMilliseconds = 10_000;

    /// <summary>Batches of one millisecond that share a socket: 16.</summary>
    private const int MaxDraws = 16;

    private readonly DnsLoop _loop;
    private readonly List<DnsUpstreamSocket> _sockets = [];
    private DnsUpstreamSocket? _drawn;
    private long _drawnAt;
    private int _draws;
    private int _failures;
    private long _lastFailure;

    public DnsResolver(DnsLoop loop, IPEndPoint address)
    {
        _loop = loop;
        Address = address;
        Permit = loop.Door.Permit(address, TransportProtocol.Udp);
    }

    public IPEndPoint Address { get; }

    /// <summary>The permit of all who ask by datagram.</summary>
    public ConnectionPermit Permit;

    /// <summary>True if it has not answered lately; where there is another, ask that one.</summary>
    public bool IsSuspect => _failures >= MaxFailures && _loop.Events.Now - _lastFailure < SuspectMilliseconds;

    /// <summary>A socket for the next queries; null if none can be had. Queries of the same moment share one, so that their answers come together.</summary>
    public DnsUpstreamSocket? Draw()
    {
        if (_drawn is not { IsOpen: true, IsWorn: false } || _loop.Events.Now != _drawnAt || ++_draws > MaxDraws)
        {
            _drawn = DrawAnother();
            _drawnAt = _loop.Events.Now;
            _draws = 0;
        }

        return _drawn;
    }

    public void Note(bool answered)
    {
        _failures = answered ? 0 : _failures + 1;
        _lastFailure = answered ? 0 : _loop.Events.Now;
    }

    /// <summary>Closes every socket; what waits there is not answered.</summary>
    public void Close() => _sockets.ForEach(static socket => socket.Close());

    private DnsUpstreamSocket? DrawAnother()
    {
        var number = _loop.Ids.Next() % _loop.Options.SourcePorts;
        if (number < _sockets.Count)
        {
            var socket = _sockets[number];
            if (socket is { IsOpen: true, IsWorn: false })
            {
                return socket;
            }

            // Its answers may still come.
            socket.Retire();
            _sockets.RemoveAt(number);
        }

        var fresh = Open();
        if (fresh is not null)
        {
            _sockets.Add(fresh);
        }

        return fresh ?? _sockets.Find(static socket => socket.IsOpen);
    }

    private DnsUpstreamSocket? Open()
    {
        try
        {
            var socket = new DnsUpstreamSocket(_loop, this, DatagramSocket.Connect(Address, _loop.Options.SocketBufferBytes));
            if (_loop.Events.WatchInput(socket))
            {
                return socket;
            }

            socket.Close();
        }
        catch (Win32Exception)
        {
            // No descriptor or no way there: the caller answers that the query failed.
        }

        return null;
    }
}
