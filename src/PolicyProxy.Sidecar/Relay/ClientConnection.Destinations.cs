using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <content>
/// Finds where a client wants to go that says so in each request: in the target of an ordinary one, or with CONNECT. Only an address that was
/// judged is connected to; the name is not resolved again in between.
/// </content>
internal sealed unsafe partial class ClientConnection
{
    private bool _namesDestinations;
    private NamedDestination _destination;
    private int _headLength;
    private bool _opensTunnel;

    // TLS and Kafka stand in tunnels only.
    private bool IsReadable(in ConnectionPermit permit) =>
        permit.Kind is L7Kind.None or L7Kind.Http or L7Kind.Name || (permit.Kind is L7Kind.Tls or L7Kind.Kafka && _opensTunnel);

    // 1. Parse  2. find the address  3. judge, as any other request.
    private void ReadDestination(int length)
    {
        _relay.IdleTimeouts.Start(Timeout, Loop.Now);
        if (!Http1Request.TryParse(_request.Received[..length], _relay.Options.Http, _relay.Scratch, out var request, out var error)
            || !NamesDestination(request, out error))
        {
            _relay.Counters.Requests++;
            RefuseMalformed(error);
            return;
        }

        var destination = NamedDestination.Of(request.Authority);
        _headLength = length;
        _opensTunnel = request.Form == Http1TargetForm.Authority;
        _facts = default;
        if (destination == _destination && !_opensTunnel && _upstream is { IsFit: true } && _permit.Tuple.Destination is { } connected)
        {
            JudgeNamed([connected.Address]);
            return;
        }

        _upstream?.Close(); // it leads somewhere else
        _destination = destination;
        _stage = Stage.Resolve;
        if (!_relay.Shared.Names.TryFind(destination.Host, answer => Loop.Post(() => OnResolved(answer))))
        {
            RefuseNamed(_relay.Shared.Replies.Overloaded);
        }
    }

    // An origin's own form says nothing of where to; there is no TLS here that "https:" could ask for; 1.0 may leave out Host, origins need it.
    private static bool NamesDestination(scoped in Http1Request request, out ProtocolError error)
    {
        var code = request.Form is not (Http1TargetForm.Absolute or Http1TargetForm.Authority) ? ProtocolErrorCode.HttpTargetForm
            : request.Scheme is "https" ? ProtocolErrorCode.HttpScheme
            : request.Form == Http1TargetForm.Absolute && !request.HasHeader("host") ? ProtocolErrorCode.HttpHostMissing
            : request.Form == Http1TargetForm.Authority && request.BodyKind != Http1BodyKind.None ? ProtocolErrorCode.HttpBodyForbidden
            : ProtocolErrorCode.None;
        error = new(code, 0);
        return code == ProtocolErrorCode.None;
    }

    private void OnResolved(in NameAnswer answer)
    {
        if (!IsOpen || _stage != Stage.Resolve)
        {
            return;
        }

        try
        {
            if (answer.Addresses.Length == 0)
            {
                _relay.Counters.UpstreamFailures++;
                RefuseNamed(answer.IsLate ? _relay.Shared.Replies.NameTimeout : _relay.Shared.Replies.NameNotFound);
            }
            else if (_opensTunnel)
            {
                OpenTunnel(answer.Addresses);
            }
            else
            {
                JudgeNamed(answer.Addresses);
            }

            Run();
        }
        catch // our bug: nobody else would come back to this connection
        {
            Abort();
            throw;
        }
    }

    // Behind a CONNECT that is refused may stand bytes that are no request (RFC 9110 §9.3.6), and bodies are not worth reading here.
    private void RefuseNamed(Enforcement.AspNetCore.LocalReply reply)
    {
        _relay.Counters.Requests++;
        _request.Skip(_headLength);
        _facts = default;
        Reply(reply, closes: true);
    }

    private void JudgeNamed(IPAddress[] addresses)
    {
        // What is judged is what an origin gets to see. The head only becomes shorter: it moves up to what stands behind it.
        var head = _request.Received[.._headLength];
        var editor = new Http1HeadEditor(head, _headLength);
        _ = editor.UseOriginForm();
        editor.Remove("proxy-connection");
        editor.Remove("proxy-authorization");
        var length = editor.Length;
        head[..length].CopyTo(head[(_headLength - length)..]);
        _request.Skip(_headLength - length);
        if (!Http1Request.TryParse(_request.Received[..length], _relay.Options.Http, _relay.Scratch, out var request, out var error))
        {
            RefuseMalformed(error);
            return;
        }

        // Of several addresses those that policy allows for this request, if they ask for the same changes to it.
        var allowed = new List<IPEndPoint>();
        IReadOnlyList<HeaderEdit>? edits = null;
        foreach (var address in addresses)
        {
            var tuple = TupleTo(new IPEndPoint(address, _destination.Port));
            var permit = _relay.Door.Gate.Preview(tuple);
            var verdict = PolicyGate.Preview(permit, request);
            if (verdict.Allowed && IsReadable(permit) && (edits is null || ReferenceEquals(edits, verdict.HeaderEdits) || edits.Count + verdict.HeaderEdits.Count == 0))
            {
                edits = verdict.HeaderEdits;
                allowed.Add(tuple.Destination!);
            }
        }

        _requestBody = Http1BodyScanner.ForRequest(request, _relay.Options.Http);
        _facts = RequestFacts.Of(request, _relay.Options);
        Choose(allowed, addresses);
        if (!_permit.IsAllowed)
        {
            // Told in words, whatever happens to connections elsewhere: the client made this one to us.
            _relay.Counters.Requests++;
            _relay.Counters.Denied++;
            Deny(_relay.Door.Denied, length);
            return;
        }

        if (!IsReadable(_permit))
        {
            _headLength = length;
            RefuseUnreadable();
            return;
        }

        JudgeRequest(length);
    }

    private void OpenTunnel(IPAddress[] addresses)
    {
        var all = Array.ConvertAll(addresses, address => new IPEndPoint(address, _destination.Port));
        Choose([.. all.Where(address => _relay.Door.Gate.Preview(TupleTo(address)) is { IsAllowed: true } permit && IsReadable(permit))], addresses);
        if (!_permit.IsAllowed)
        {
            _relay.Counters.Denied++;
            RefuseNamed(_relay.Door.Denied);
        }
        else if (!IsReadable(_permit))
        {
            RefuseUnreadable();
        }
        else
        {
            _relay.Counters.Requests++;
            _request.Skip(_headLength);
            _requestBody = new Http1BodyScanner(Http1BodyKind.None, 0, _relay.Options.Http);
            _stage = Stage.Open;
            _isAnswered = false;
            _address = 0;
            Connect();
        }
    }

    // The verdict that counts, and leaves a flow, is that on the first address.
    private void Choose(List<IPEndPoint> allowed, IPAddress[] all)
    {
        _route = new UpstreamRoute(allowed.Count > 0 ? [.. allowed] : [new IPEndPoint(all[0], _destination.Port)]);
        _ = _relay.Door.Gate.Connect(TupleTo(_route.Address), out _permit);
    }

    private void RefuseUnreadable()
    {
        _relay.Counters.Refused++;
        _relay.Door.Gate.Drop(_permit.Tuple, $"rules need to look into the connection, and nobody here can read {_permit.Kind}");
        RefuseNamed(_relay.Door.Denied);
    }

    private ConnectionTuple TupleTo(IPEndPoint destination) =>
        _permit.Tuple with
        {
            Subject = _relay.Door.Subject(),
            Port = (ushort)destination.Port,
            Destination = destination,
            TlsServer = null,
            PeerNameIsVerified = false,
            OriginatesTls = OriginatesTls,
        };

    // The next address of a name is another destination, with a verdict of its own.
    private bool IsAdmitted(IPEndPoint address) =>
        !_namesDestinations || address.Equals(_permit.Tuple.Destination)
        || (_relay.Door.Gate.Connect(TupleTo(address), out _permit).Allowed && IsReadable(_permit));

    // Not a byte of the client's goes on before it has been told that the tunnel is open.
    private bool MoveOpen()
    {
        if (_upstream is not { IsConnected: true } upstream)
        {
            return false;
        }

        if (!_isAnswered)
        {
            _isAnswered = true;
            if (!_response.TryReserve(Loop.Buffers, out var buffer, out var room))
            {
                Abort();
                return false;
            }

            var opened = "HTTP/1.1 200 Connection established\r\n\r\n"u8;
            opened.CopyTo(new Span<byte>(buffer, room));
            _response.Receive(opened.Length);
            _response.Judge(opened.Length);
        }

        var moved = Drain(ref _response, this, out var failed);
        if (AbortIf(failed) || _response.Sendable > 0)
        {
            return moved;
        }

        _response.Release(Loop.Buffers);
        _namesDestinations = false;
        _route = new UpstreamRoute(_permit.Tuple.Destination!);
        if (_permit.Kind == L7Kind.None)
        {
            _stage = Stage.Tunnel;
            _relay.Counters.Tunnels++;
            _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
            return true;
        }

        if (HasInside && !_request.IsEmpty && _request.Received[0] == Protocols.Tls.TlsHelloScanner.FirstByte)
        {
            StartHello();
            return true;
        }

        if (_permit.Kind == L7Kind.Kafka && !(HasInside && _request.IsEmpty))
        {
            StartKafka();
            return true;
        }

        if (_permit.Kind is L7Kind.Tls or L7Kind.Name)
        {
            StartHello();
            return true;
        }

        // What is inside is judged like a connection that was made to the destination; if bytes of it are here already they are no HTTP/2.
        upstream.Rest(this);
        _stage = _request.IsEmpty ? Stage.Detect : Stage.Head;
        _head = new Http1HeadScanner(_relay.Options.Http);
        _relay.KeepAliveTimeouts.Start(Timeout, Loop.Now);
        return true;
    }
}
