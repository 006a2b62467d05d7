using System.Buffers;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <content>Answers requests that are not forwarded.</content>
internal sealed unsafe partial class ClientConnection
{
    private bool _closesAfterReply;
    private long _discarded;

    // Nothing of another response may have been sent, and nothing of the request may be waiting to be sent.
    private void Reply(LocalReply reply, bool closes, string note = "")
    {
        if (_response.IsPartlySent)
        {
            Abort(); // half an interim response is out: what followed would be read as the rest of it
            return;
        }

        _stage = Stage.Reply;
        _discarded = 0;

        // A client of version 1.0 waits for the end of the connection unless the response offers to keep it.
        _closesAfterReply = closes || _facts.IsVersion10 || _relay.IsDraining || _facts.ContentLength > _relay.Options.MaxDiscardedBytes;
        _request.DropSendable();
        _response.Release(Loop.Buffers);
        if (!_response.TryReserve(Loop.Buffers, out var buffer, out var room))
        {
            Abort(); // not even memory to say so
            return;
        }

        var to = new LocalReplyTo(_facts.IsGrpc, _facts.ResponseTo == Http1ResponseTo.Head, _closesAfterReply);
        var length = reply.WriteHttp1(to, _relay.Shared.Time.GetUtcNow(), new Span<byte>(buffer, room));
        _response.Receive(length);
        _response.Judge(length);
        CompleteFlow(_facts.IsGrpc ? StatusCodes.Status200OK : reply.StatusCode, note);
    }

    private bool MoveReply()
    {
        var moved = Drain(ref _response, this, out var failed);
        if (failed)
        {
            Abort();
            return false;
        }

        moved |= !_closesAfterReply && Discard();
        if (_response.Sendable == 0)
        {
            _response.Release(Loop.Buffers);
            if (_closesAfterReply)
            {
                CloseGracefully();
                return true;
            }

            if (_requestBody.IsDone)
            {
                ReadNext();
                return true;
            }
        }

        if (moved)
        {
            _relay.IdleTimeouts.Start(Timeout, Loop.Now);
        }

        return moved;
    }

    // Reads the body of a request that was answered without it, so that the next request is found; up to a limit.
    private bool Discard()
    {
        if (_requestBody.IsDone)
        {
            return false;
        }

        if (_request.Unjudged == 0 && !Fill(this, ref _request))
        {
            _closesAfterReply = HasEnded;
            return HasEnded;
        }

        var status = _requestBody.Scan(_request.Received, out var consumed);
        _request.Skip(consumed);
        _discarded += consumed;
        _closesAfterReply = status == OperationStatus.InvalidData || _discarded > _relay.Options.MaxDiscardedBytes;
        return true;
    }
}
