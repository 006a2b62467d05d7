using PolicyProxy.Gate;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <content>Passes bytes both ways: behind a 101, and for connections of which policy wants to see nothing.</content>
internal sealed unsafe partial class ClientConnection
{
    private bool _upstreamWasEnded;

    private void StartPassThrough()
    {
        _stage = Stage.Tunnel;
        _relay.Counters.Tunnels++;
        _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
        _address = 0;
        Connect();
    }

    // 101 only, only what was asked for, only protocols on the list (CVE-2024-23326).
    private bool Upgrade(scoped in Http1Response response, int length)
    {
        if (!_facts.Upgrades || response.Upgrade != Http1Upgrade.WebSocket)
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, "upstream: switched to a protocol that was not asked for");
            return true;
        }

        _isAnswered = true;
        _stage = Stage.Tunnel;
        _response.Judge(length);
        _relay.Counters.Tunnels++;
        _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
        CompleteFlow(response.StatusCode);
        return true;
    }

    private bool MoveTunnel()
    {
        if (_upstream is not { IsConnected: true } upstream)
        {
            return false; // what the client sends waits in the kernel
        }

        var moved = Fill(this, ref _request);
        JudgeTunneled();
        if (!IsOpen)
        {
            return false;
        }

        moved |= Drain(ref _request, upstream, out var requestFailed);
        moved |= Fill(upstream, ref _response);
        _response.Judge(_response.Unjudged);
        moved |= Drain(ref _response, this, out var responseFailed);
        if (requestFailed || responseFailed || HasFailed || upstream.HasFailed)
        {
            Abort();
            return false;
        }

        moved |= PassEnds(upstream);
        if (moved && IsOpen)
        {
            _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
            _request.ReleaseIfEmpty(Loop.Buffers);
            _response.ReleaseIfEmpty(Loop.Buffers);
        }

        return moved;
    }

    // The end of one direction is passed on like a byte; the other direction goes on.
    private bool PassEnds(UpstreamConnection upstream)
    {
        var moved = false;
        if (HasEnded && _request.IsEmpty && !_upstreamWasEnded)
        {
            _upstreamWasEnded = moved = true;
            upstream.EndSending();
        }

        if (upstream.HasEnded && _response.IsEmpty && !_hasEndedSending)
        {
            _hasEndedSending = moved = true;
            StreamSocket.EndSending(Descriptor);
        }

        if (_upstreamWasEnded && _hasEndedSending)
        {
            Close();
        }

        return moved;
    }

    /// <summary>Policies or identities have changed: a tunnel that would not be opened any more is cut.</summary>
    public void OnPolicyChanged()
    {
        // Kafka requests are judged one by one, so only that the connection is admitted at all has to be looked at.
        if ((_stage == Stage.Tunnel && !IsStillAllowed()) || (_stage == Stage.Kafka && !_relay.Door.Recheck(ref _permit).Allowed))
        {
            Abort();
        }
    }

    private bool IsStillAllowed()
    {
        if (_kept is null)
        {
            return _relay.Door.Recheck(ref _permit).Allowed && (_permit.Kind == L7Kind.None || IsStillNamed());
        }

        return Http1Request.TryParse(_kept.AsSpan(0, _keptBytes), _relay.Options.Http, _relay.Scratch, out var request, out _)
            && _relay.Door.Check(ref _permit, request).Allowed;
    }
}
