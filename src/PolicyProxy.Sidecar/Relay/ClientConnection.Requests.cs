using System.Buffers;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <content>Reads and judges requests.</content>
internal sealed unsafe partial class ClientConnection
{
    private Http1HeadScanner _head;
    private Http1BodyScanner _requestBody;
    private ByteWindow _edited;
    private RequestFacts _facts;
    private byte[]? _kept;
    private int _keptBytes;
    private long _startedAt;

    // Reads a head, from the bytes that came with the request before if there are any.
    private bool ReadHead()
    {
        if (_request.Unjudged > 0)
        {
            var status = _head.Scan(_request.Received, out int length);
            if (status == OperationStatus.Done)
            {
                if (_namesDestinations)
                {
                    ReadDestination(length);
                }
                else
                {
                    JudgeRequest(length);
                }

                return true;
            }

            if (status == OperationStatus.InvalidData)
            {
                RefuseMalformed(_head.Error);
                return true;
            }
        }

        if (Fill(this, ref _request))
        {
            _relay.HeadTimeouts.StartOnce(Timeout, Loop.Now);
            return true;
        }

        if (HasEnded)
        {
            Close(); // in mid-head too: nobody is there to be told
            return false;
        }

        _request.ReleaseIfEmpty(Loop.Buffers);
        return false;
    }

    // 1. Parse  2. judge  3. apply edits  4. forward.
    private void JudgeRequest(int length)
    {
        _relay.IdleTimeouts.Start(Timeout, Loop.Now);
        _relay.Counters.Requests++;
        var head = _request.Received[..length];
        if (!Http1Request.TryParse(head, _relay.Options.Http, _relay.Scratch, out var request, out var error))
        {
            RefuseMalformed(error);
            return;
        }

        _requestBody = Http1BodyScanner.ForRequest(request, _relay.Options.Http);
        _facts = RequestFacts.Of(request, _relay.Options);
        var door = _relay.Door;
        var verdict = door.Check(ref _permit, request);
        KeepForFlow(head);
        if (!verdict.Allowed)
        {
            Deny(verdict, length);
        }
        else if (request.Form is Http1TargetForm.Authority or Http1TargetForm.Asterisk)
        {
            Deny(door.Ambiguous, length);
        }
        else if (_permit.HasTlsContext && IsInTheOpen && !TryOriginate(request.Authority))
        {
            Deny(_relay.Shared.Replies.Unavailable, length);
        }
        else if (verdict.HeaderEdits.Count > 0 || _facts.DropsUpgrade)
        {
            ForwardEdited(verdict.HeaderEdits, length);
        }
        else
        {
            _request.Judge(length);
            StartExchange();
        }
    }

    // From the first request on the connection is for the host that one names, as if the client had made the handshake.
    private bool TryOriginate(ReadOnlySpan<char> authority)
    {
        if (PolicyGate.OriginatingOf(_permit, authority) is not { } context)
        {
            return true;
        }

        if (authority.IsEmpty)
        {
            _relay.Door.Gate.DropHandshake(_permit, [], "a rule asks for TLS to the server, and the request names none");
            return false;
        }

        var server = NamedDestination.Of(authority).Host.ToLowerInvariant();
        server = server.Contains(':', StringComparison.Ordinal) ? $"[{server}]" : server;
        var reason = "a rule asks for TLS to the server, and nothing here speaks it";
        if (_relay.Shared.Originate?.Invoke(_permit, _route ?? new UpstreamRoute(Destinations), server, context, out reason) is not { } route)
        {
            _relay.Door.Gate.DropHandshake(_permit, server, reason);
            return false;
        }

        _upstream?.Close(); // behind a CONNECT: it speaks in the open
        _route = route;
        _permit.Tuple = _permit.Tuple with { TlsServer = server, PeerNameIsVerified = true, OriginatesTls = false };
        return true;
    }

    private void Deny(in Verdict verdict, int headLength)
    {
        _relay.Counters.Denied++;
        if (!_permit.IsAllowed && _relay.Door.RefusedConnection == RefusedConnection.Reset)
        {
            Abort();
            return;
        }

        Deny(_relay.Door.ReplyTo(verdict), headLength);
    }

    private void Deny(LocalReply reply, int headLength)
    {
        _request.Skip(headLength);

        // A client that waits for 100 (Continue) may or may not send its body after another answer (RFC 9110 §10.1.1).
        Reply(reply, closes: !_facts.KeepAlive || _facts.ExpectsContinue);
    }

    private void RefuseMalformed(in ProtocolError error)
    {
        _relay.Counters.Malformed++;
        _ = _relay.Door.Gate.Refuse(ref _permit, error);
        _facts = default;
        Reply(RelayReplies.Malformed(error), closes: true);
    }

    // The edited head has to be as good a head as the one that came, with the same body behind it.
    private void ForwardEdited(IReadOnlyList<HeaderEdit> edits, int length)
    {
        if (!_edited.TryReserve(Loop.Buffers, out var buffer, out var room))
        {
            Deny(_relay.Shared.Replies.Overloaded, length);
            return;
        }

        _request.Received[..length].CopyTo(new Span<byte>(buffer, room));
        var editor = new Http1HeadEditor(new Span<byte>(buffer, room), length);
        if (_facts.DropsUpgrade)
        {
            editor.RemoveUpgrade();
        }

        if (!TryApply(edits, ref editor)
            || !Http1Request.TryParse(editor.Head, _relay.Options.Http, _relay.Scratch, out var edited, out _)
            || edited.BodyKind != _facts.BodyKind || edited.ContentLength != _facts.ContentLength)
        {
            _edited.Release(Loop.Buffers);
            Deny(_relay.Shared.Replies.EditFailed, length);
            return;
        }

        _edited.Receive(editor.Length);
        _edited.Judge(editor.Length);
        _request.Skip(length);
        StartExchange();
    }

    private static bool TryApply(IReadOnlyList<HeaderEdit> edits, ref Http1HeadEditor editor)
    {
        foreach (var edit in edits)
        {
            if (edit.Kind != HeaderEditKind.Add)
            {
                editor.Remove(edit.Name);
            }

            if (edit.Kind != HeaderEditKind.Delete && !editor.TryAdd(edit.Name, edit.Value))
            {
                return false;
            }
        }

        return true;
    }

    // The flow of the response names its request, whose bytes may be gone by then.
    private void KeepForFlow(ReadOnlySpan<byte> head)
    {
        if (!_relay.Door.IsObserved && !_facts.Upgrades)
        {
            return;
        }

        _startedAt = _relay.Shared.Time.GetTimestamp();
        _kept = ArrayPool<byte>.Shared.Rent(head.Length);
        _keptBytes = head.Length;
        head.CopyTo(_kept);
    }

    private void CompleteFlow(int statusCode, string note = "")
    {
        if (_kept is not null
            && Http1Request.TryParse(_kept.AsSpan(0, _keptBytes), _relay.Options.Http, _relay.Scratch, out var request, out _))
        {
            _relay.Door.Gate.Complete(_permit, request, statusCode, _relay.Shared.Time.GetElapsedTime(_startedAt), note);
        }

        if (_stage != Stage.Tunnel)
        {
            ForgetRequest();
        }
    }

    private void ForgetRequest()
    {
        if (_kept is { } kept)
        {
            _kept = null;
            ArrayPool<byte>.Shared.Return(kept);
        }
    }
}
