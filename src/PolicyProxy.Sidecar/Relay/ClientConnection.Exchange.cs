using System.Buffers;
using System.Net;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <content>Forwards a request and finds a connection for it.</content>
internal sealed unsafe partial class ClientConnection
{
    private int _address;
    private bool _upstreamTakesNoMore;
    private bool _hasForwarded;

    private IPEndPoint[] Destinations => _route?.Addresses ?? _relay.Shared.Upstream!.Current;

    // What another client opened led to another place, or shows another client.
    private bool SharesUpstreams => _relay.Options.Reuse == UpstreamReuse.Shared && _route is null;

    private bool IsRequestForwarded => _requestBody.IsDone && _request.Sendable == 0 && _edited.Sendable == 0;

    private void StartExchange()
    {
        _stage = Stage.Exchange;
        _responseHead = new Http1HeadScanner(_relay.Options.Http);
        _responseStage = ResponseStage.Head;
        _interims = 0;
        _isAnswered = false;
        _upstreamTakesNoMore = false;
        _hasForwarded = false;
        _address = 0;
        if (_upstream is { IsFit: true } resting)
        {
            _relay.Counters.UpstreamReuses++;
            resting.Take(this);
            return;
        }

        _upstream?.Close();
        if (SharesUpstreams && _relay.Upstreams.TryTake() is { } pooled)
        {
            _relay.Counters.UpstreamReuses++;
            _upstream = pooled;
            pooled.Take(this);
            return;
        }

        Connect();
    }

    private void Connect()
    {
        var addresses = Destinations;
        var error = 0;
        for (_upstream = null; _address < addresses.Length && _upstream is null; _address++)
        {
            if (IsAdmitted(addresses[_address]))
            {
                _upstream = _relay.Upstreams.Connect(addresses[_address], _route, out error);
            }
        }

        if (_upstream is null)
        {
            FailConnect(error);
        }
        else
        {
            _upstream.Take(this);

            // The name was allowed when the connection was made: that another answer gives other addresses by now must not cut it.
            _hold?.Dispose();
            _hold = _relay.Door.Gate.Hold(_permit);
        }
    }

    /// <summary>The connection to the upstream did not come about; the next address is tried.</summary>
    public void OnConnectFailed(int error)
    {
        var failed = _upstream;
        _upstream = null;
        failed?.Close();
        if (_address < Destinations.Length)
        {
            Connect();
        }
        else
        {
            FailConnect(error);
        }

        Run();
    }

    private void FailConnect(int error)
    {
        if (_stage is Stage.Tunnel or Stage.Kafka)
        {
            Abort();
            return;
        }

        var replies = _relay.Shared.Replies;
        var reply = error switch
        {
            Libc.ETIMEDOUT => replies.UpstreamTimeout,
            Libc.EMFILE or Libc.ENFILE or Libc.ENOMEM or Libc.ENOBUFS or Libc.EADDRNOTAVAIL or Libc.EAGAIN => replies.Overloaded,
            _ => replies.Unavailable,
        };
        var cause = _route?.Decrypted is { Failure: { Length: > 0 } failure } ? failure : System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error);
        FailUpstream(reply, $"upstream: {cause}");
    }

    // Both directions, whoever was heard of.
    private bool Exchange()
    {
        var moved = MoveRequest();
        if (_stage == Stage.Exchange && IsOpen)
        {
            moved |= MoveResponse();
        }

        if (_stage == Stage.Exchange && IsOpen)
        {
            moved |= EndExchange();
        }

        if (moved && IsOpen && _stage == Stage.Exchange)
        {
            _relay.IdleTimeouts.Start(Timeout, Loop.Now);
        }

        return moved;
    }

    private bool MoveRequest()
    {
        var moved = false;
        if (!_requestBody.IsDone && Fill(this, ref _request))
        {
            moved = true;
        }

        if (!_requestBody.IsDone && _request.Unjudged > 0)
        {
            moved = true;
            var status = _requestBody.Scan(_request.Received, out var consumed);
            if (status == OperationStatus.InvalidData)
            {
                RefuseBody();
                return true;
            }

            _request.Judge(consumed);
        }

        if (!_requestBody.IsDone && HasEnded)
        {
            // The upstream must not take half a request for a whole one; the client may have got all it will get.
            Close(reset: _responseStage != ResponseStage.Done || _response.Sendable > 0);
            return false;
        }

        return SendRequest() || moved;
    }

    private bool SendRequest()
    {
        if (_upstreamTakesNoMore)
        {
            _request.DropSendable();
            _edited.DropSendable();
            return false;
        }

        if (_upstream is not { IsConnected: true } upstream)
        {
            return false;
        }

        var moved = Drain(ref _edited, upstream, out var failed);
        if (!failed && _edited.Sendable == 0)
        {
            _edited.Release(Loop.Buffers);
            moved |= Drain(ref _request, upstream, out failed);
        }

        _hasForwarded |= moved;
        if (!failed)
        {
            _request.ReleaseIfEmpty(Loop.Buffers);
            return moved;
        }

        if (!_hasForwarded && upstream.EarlierRequests > 0)
        {
            Reconnect();
        }
        else
        {
            _upstreamTakesNoMore = true; // it may have answered before it stopped listening
        }

        return true;
    }

    // A kept connection that turned out to be closed before anything was sent on it: nothing is repeated.
    private void Reconnect()
    {
        var stale = _upstream;
        _upstream = null;
        stale?.Close();
        _address = 0;
        Connect();
    }

    // The part that was sent on is a valid beginning, so the upstream waits for more and gets a reset.
    private void RefuseBody()
    {
        _relay.Counters.Malformed++;
        _ = _relay.Door.Gate.Refuse(ref _permit, _requestBody.Error);
        if (_isAnswered)
        {
            Abort();
            return;
        }

        var error = _requestBody.Error;
        DropUpstream();
        Reply(RelayReplies.Malformed(error), closes: true, error.ToString());
    }

    // The response cannot be had: say so if nothing of another one was sent, else cut it short.
    private void FailUpstream(LocalReply reply, string note)
    {
        _relay.Counters.UpstreamFailures++;
        DropUpstream();
        if (_isAnswered)
        {
            CompleteFlow(reply.StatusCode, note);
            Abort();
            return;
        }

        // What is left of the request belongs to nobody; a body that is still coming is thrown away by the reply.
        _request.DropSendable();
        _edited.Release(Loop.Buffers);
        Reply(reply, closes: !_facts.KeepAlive || _facts.ExpectsContinue, note);
    }

    private void DropUpstream()
    {
        var upstream = _upstream;
        _upstream = null;
        upstream?.Close(reset: !IsRequestForwarded);
    }
}
