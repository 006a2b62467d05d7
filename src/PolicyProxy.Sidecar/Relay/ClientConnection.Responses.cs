using System.Buffers;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <content>Relays responses.</content>
internal sealed unsafe partial class ClientConnection
{
    /// <summary>Most interim responses to one request: 32. Servers send one or two; Go's client stops at 5 unless told otherwise.</summary>
    private const int MaxInterims = 32;

    private Http1HeadScanner _responseHead;
    private Http1BodyScanner _responseBody;
    private ResponseStage _responseStage;
    private int _interims;
    private int _statusCode;
    private bool _isAnswered;
    private bool _upstreamStaysOpen;
    private bool _isCutShort;

    private enum ResponseStage : byte
    {
        Head,
        Body,
        Done,
    }

    private bool MoveResponse()
    {
        if (_upstream is not { IsConnected: true } upstream)
        {
            return Drain(ref _response, this, out var lost) || AbortIf(lost);
        }

        var moved = _responseStage != ResponseStage.Done && Fill(upstream, ref _response);
        if (_responseStage == ResponseStage.Head && _response.Unjudged > 0)
        {
            moved |= ReadResponseHead();
        }

        if (_stage == Stage.Exchange && _responseStage == ResponseStage.Body && _response.Unjudged > 0)
        {
            moved |= ReadResponseBody(); // right behind the head, so that both leave in one segment
        }

        if (_stage == Stage.Exchange && _responseStage != ResponseStage.Done && upstream.HasEnded && !moved)
        {
            EndOfUpstream(upstream);
            moved = true;
        }

        if (_stage != Stage.Exchange)
        {
            return true;
        }

        moved |= Drain(ref _response, this, out var failed);
        return AbortIf(failed) || moved;
    }

    private bool AbortIf(bool failed)
    {
        if (failed)
        {
            Abort();
        }

        return failed;
    }

    // False if more bytes are needed.
    private bool ReadResponseHead()
    {
        var status = _responseHead.Scan(_response.Received, out int length);
        if (status == OperationStatus.NeedMoreData)
        {
            return false;
        }

        if (status == OperationStatus.InvalidData)
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, $"upstream: {_responseHead.Error}");
            return true;
        }

        if (!Http1Response.TryParse(_response.Received[..length], _facts.ResponseTo, _relay.Options.Http, out var response, out var error))
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, $"upstream: {error}");
            return true;
        }

        return response.IsInterim ? PassInterim(length)
            : response.StartsTunnel ? Upgrade(response, length)
            : StartResponse(response, length);
    }

    private bool StartResponse(scoped in Http1Response response, int length)
    {
        if (response.BodyKind == Http1BodyKind.Chunked && _facts.IsVersion10)
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, "upstream: chunked response to an HTTP/1.0 request");
            return true;
        }

        _statusCode = response.StatusCode;
        _upstreamStaysOpen = response.KeepAlive;
        _responseBody = new Http1BodyScanner(response.BodyKind, response.ContentLength, _relay.Options.Http);
        _responseStage = _responseBody.IsDone ? ResponseStage.Done : ResponseStage.Body;
        if (_relay.IsDraining && _upstreamStaysOpen)
        {
            length += AnnounceClose(length);
        }

        _isAnswered = true;
        _response.Judge(length);
        return true;
    }

    private bool PassInterim(int length)
    {
        if (++_interims > MaxInterims)
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, "upstream: too many interim responses");
        }
        else if (!_facts.IsVersion10)
        {
            _response.Judge(length);
        }
        else if (_response.Sendable == 0)
        {
            _response.Skip(length); // RFC 9110 §15.2: clients of that version do not know them
        }

        return true;
    }

    private bool ReadResponseBody()
    {
        var status = _responseBody.Scan(_response.Received, out var consumed);
        if (status == OperationStatus.InvalidData)
        {
            FailUpstream(_relay.Shared.Replies.Unavailable, $"upstream: {_responseBody.Error}");
            return true;
        }

        _response.Judge(consumed);
        if (status == OperationStatus.Done)
        {
            _responseStage = ResponseStage.Done;
        }

        return consumed > 0 || status == OperationStatus.Done;
    }

    private void EndOfUpstream(UpstreamConnection upstream)
    {
        if (_responseStage == ResponseStage.Body && _responseBody.MayEndHere && !upstream.HasFailed)
        {
            _responseStage = ResponseStage.Done;
            _upstreamStaysOpen = false;
        }
        else if (_responseStage == ResponseStage.Head && !_hasForwarded && upstream.EarlierRequests > 0)
        {
            Reconnect();
        }
        else if (_responseStage == ResponseStage.Body)
        {
            // What came is passed on; then the client is told by a reset that it is not all.
            _relay.Counters.UpstreamFailures++;
            _responseStage = ResponseStage.Done;
            _upstreamStaysOpen = false;
            _isCutShort = true;
        }
        else
        {
            var cause = _route?.Decrypted is { Failure: { Length: > 0 } failure } ? failure : "closed the connection without a response";
            FailUpstream(_relay.Shared.Replies.Unavailable, $"upstream: {cause}");
        }
    }

    // Behind the whole response: the next request, or the end.
    private bool EndExchange()
    {
        if (_responseStage != ResponseStage.Done || _response.Sendable > 0)
        {
            return false;
        }

        if (_isCutShort)
        {
            CompleteFlow(_statusCode, "upstream: response cut short");
            Abort();
            return false;
        }

        // An upstream that has answered early may still read the rest of the request, or may have stopped.
        if (!IsRequestForwarded && _upstreamStaysOpen && !_upstreamTakesNoMore && _upstream is { PeerHasEnded: false })
        {
            return false;
        }

        var isWhole = IsRequestForwarded;
        var keepAlive = isWhole && _facts.KeepAlive && _upstreamStaysOpen && !_relay.IsDraining;
        CompleteFlow(_statusCode);
        FreeUpstream(isWhole);
        _response.Release(Loop.Buffers);
        if (keepAlive)
        {
            ReadNext();
        }
        else if (isWhole && _request.Unjudged == 0 && IsSilent())
        {
            Close(); // nothing of the client's is on its way, so nothing makes the kernel answer with a reset
        }
        else
        {
            CloseGracefully();
        }

        return true;
    }

    private void ReadNext()
    {
        _stage = Stage.Head;
        _head = new Http1HeadScanner(_relay.Options.Http);
        _request.ReleaseIfEmpty(Loop.Buffers);
        if (_request.IsEmpty)
        {
            _relay.KeepAliveTimeouts.Start(Timeout, Loop.Now);
        }
        else
        {
            _relay.HeadTimeouts.Start(Timeout, Loop.Now);
        }
    }

    private void FreeUpstream(bool requestIsWhole)
    {
        if (_upstream is not { } upstream)
        {
            return;
        }

        // The upstream was told whether to close, whatever it announces. One that was asked to switch protocols and did not may be of two
        // minds about what the connection speaks.
        var isReusable = requestIsWhole && _facts is { KeepAlive: true, Upgrades: false } && _upstreamStaysOpen && !_upstreamTakesNoMore
            && _response.Unjudged == 0 && upstream.IsSilent();
        if (!isReusable || _relay.Options.Reuse == UpstreamReuse.Never || _relay.IsDraining)
        {
            DropUpstream();
        }
        else if (SharesUpstreams)
        {
            _upstream = null;
            _relay.Upstreams.Add(upstream);
        }
        else
        {
            upstream.Rest(this);
        }
    }

    // While the relay stops, a client is told not to send another request, instead of finding the connection closed (RFC 9112 §9.6).
    private int AnnounceClose(int headLength) => _response.Insert(Loop.Buffers, headLength - 2, "Connection: close\r\n"u8);
}
