using PolicyProxy.Gate;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <content>
/// Reads the ClientHello of connections whose rules ask for a server name, or for what is inside. Not a byte goes on before the name was judged; then
/// the connection passes as it came, those bytes first, or is decrypted elsewhere.
/// </content>
internal sealed unsafe partial class ClientConnection
{
    private FirstBytes _first;
    private string _serverName = string.Empty;
    private bool _passesHello;
    private LaterRecords _later;

    // Rules for requests, which TLS would hide. What was decrypted already is not looked into again; a client of the sidecar itself is told in HTTP.
    private bool HasInside =>
        (_route is { Decrypted: null } || (_route is null && _permit.HasTlsContext)) && !_namesDestinations && _relay.Options.PassThrough && _permit is { IsAllowed: true, Kind: L7Kind.Http or L7Kind.Kafka };

    private void StartHello()
    {
        _stage = Stage.Hello;
        _first = new FirstBytes(_relay.Options.Tls, _relay.Options.Http);
        _relay.HeadTimeouts.Start(Timeout, Loop.Now);

        // Nothing depends on what the client would say, and it may be waiting for its server to speak first.
        if (_permit is { Kind: L7Kind.Tls, AllowsWithoutServerName: true, HasTlsContext: false })
        {
            Follow(_relay.Door.Gate.CheckServerName(ref _permit, []));
        }
    }

    private bool ReadHello()
    {
        if (_request.Unjudged > 0 && TryJudgeHello())
        {
            return true;
        }

        if (Fill(this, ref _request))
        {
            return true;
        }

        if (HasEnded)
        {
            EndHello();
            return IsOpen;
        }

        _request.ReleaseIfEmpty(Loop.Buffers);
        return false;
    }

    // A client that has said nothing wanted nothing.
    private void EndHello()
    {
        if (_request.IsEmpty)
        {
            Close();
        }
        else
        {
            RefuseUnread("the connection ends inside the ClientHello");
        }
    }

    // False if more bytes are needed.
    private bool TryJudgeHello()
    {
        var gate = _relay.Door.Gate;
        switch (_first.Read(_request.Received, _relay.HelloScratch))
        {
            case FirstBytesKind.Unknown when _request.Received[0] == Protocols.Tls.TlsHelloScanner.FirstByte:
                if (_request.Received.Length < _relay.Options.BufferBytes)
                {
                    return false;
                }

                RefuseUnread("the ClientHello is longer than a buffer");
                return true;
            case FirstBytesKind.Unknown when (_permit.Kind == L7Kind.Name || _permit.HasTlsContext) && _request.Received.Length < _relay.Options.BufferBytes:
                return false;
            case FirstBytesKind.Http1 when _permit.Kind == L7Kind.Name || _permit.HasTlsContext:
                ReadAsHttp();
                return true;
            case FirstBytesKind.TlsNamed:
                FollowHello(gate.CheckServerName(ref _permit, _first.ServerName), _first.ServerName);
                return true;
            case FirstBytesKind.TlsUnnamed:
                FollowHello(gate.CheckServerName(ref _permit, []), string.Empty);
                return true;
            case FirstBytesKind.TlsEncrypted when _relay.Shared.Decrypt is not null && HasInside && _first.ServerName.Length > 0 && NeedsInside(_first.ServerName):
                // Nobody decrypts what may be hidden inside: the handshake made here is for the name that shows.
                FollowHello(gate.CheckServerName(ref _permit, _first.ServerName), _first.ServerName);
                return true;
            case FirstBytesKind.TlsEncrypted:
                _passesHello = HasInside && !NeedsInside([]);
                var note = "the server name is encrypted (ECH); what the client shows is only the name of the server that decrypts it";
                Follow(gate.CheckWithoutServerName(ref _permit, _first.ServerName, VerdictReason.Unsupported, note));
                return true;
            case FirstBytesKind.TlsMalformed:
                _relay.Counters.Malformed++;
                RefuseUnread(_first.Error.ToString());
                return true;
            default:
                Follow(gate.CheckWithoutServerName(
                    ref _permit,
                    [],
                    VerdictReason.NoRuleMatched,
                    _permit.Kind == L7Kind.Name ? "the connection shows no name: it begins neither with TLS nor with HTTP" : "the connection does not begin with a TLS handshake"));
                return true;
        }
    }

    // Each request shows a name of its own, in the field Host.
    private void ReadAsHttp()
    {
        _upstream?.Rest(this);
        _stage = Stage.Head;
        _head = new Http1HeadScanner(_relay.Options.Http);
    }

    private bool NeedsInside(ReadOnlySpan<char> name) => PolicyGate.HandlingOf(_permit, name).EndsHere;

    // After a whole ClientHello: what is inside is needed, or it passes untouched.
    private void FollowHello(in Verdict verdict, string name)
    {
        if (verdict.Allowed && NeedsInside(name))
        {
            Decrypt(name);
            return;
        }

        _serverName = name;
        _later = name.Length > 0 ? LaterRecords.After(_first.HasEarlyData) : default;
        _request.Judge(name.Length > 0 ? _first.HelloBytes : 0);
        _passesHello = true;
        Follow(verdict);
    }

    private void Decrypt(string name)
    {
        var route = _route ?? new UpstreamRoute(Destinations);
        if (_relay.Shared.Decrypt is not { } decrypt || route.Decrypted is not null)
        {
            _relay.Counters.Refused++;
            _relay.Door.Gate.DropHandshake(_permit, name, "rules need to see what is inside TLS, and nothing here decrypts it");
            Abort();
            return;
        }

        var arrival = new TlsArrival
        {
            Received = _request.Received.ToArray(),
            ServerName = name,
            Offer = _first.Offer,
            Permit = _permit,
            Handling = PolicyGate.HandlingOf(_permit, name),
            Route = route,
            Loop = _relay,
        };
        _relay.Counters.Decrypted++;
        var descriptor = Leave();
        if (_relay.Shared.TryTakeConnection()) // it still counts
        {
            decrypt(descriptor, arrival);
        }
        else
        {
            StreamSocket.Close(descriptor, reset: true);
        }
    }

    private void RefuseUnread(string note) =>
        Follow(_relay.Door.Gate.CheckWithoutServerName(ref _permit, [], VerdictReason.ProtocolError, note));

    // Policy may have moved on since the connection was admitted, to rules that need to see what is inside.
    private void Follow(in Verdict verdict)
    {
        if (!verdict.Allowed || ((_permit.HasTlsContext || _permit.Kind is not (L7Kind.None or L7Kind.Tls or L7Kind.Name)) && !_passesHello))
        {
            if (verdict.Allowed)
            {
                _relay.Door.Gate.DropHandshake(_permit, _serverName, "rules need to see what is inside, and the beginning cannot be read");
            }

            _relay.Counters.Refused++;
            Abort();
            return;
        }

        if (_upstream is null)
        {
            StartPassThrough();
            return;
        }

        // behind a CONNECT
        _stage = Stage.Tunnel;
        _relay.Counters.Tunnels++;
        _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
    }

    // Everything, but for a second ClientHello, which has to name the same server.
    private void JudgeTunneled()
    {
        if (!_later.HasHello)
        {
            _request.Judge(_later.Pass(_request.Received));
            if (_later.HasHello)
            {
                _first = new FirstBytes(_relay.Options.Tls, _relay.Options.Http);
            }
        }

        if (_later.HasHello)
        {
            JudgeSecondHello();
        }

        if (HasEnded && _request.Unjudged > 0)
        {
            Abort(); // inside a record that was held
        }
    }

    private void JudgeSecondHello()
    {
        var kind = _first.Read(_request.Received, _relay.HelloScratch);
        if (kind == FirstBytesKind.Unknown && _request.Unjudged < _relay.Options.BufferBytes)
        {
            return;
        }

        if ((kind == FirstBytesKind.TlsNamed && _first.ServerName == _serverName)
            || _relay.Door.Gate.CheckWithoutServerName(
                ref _permit, _first.ServerName, VerdictReason.NoRuleMatched, "a second ClientHello does not name the server that the first named").Allowed)
        {
            _later = default;
            _request.Judge(_request.Unjudged);
            return;
        }

        _relay.Counters.Refused++;
        Abort();
    }

    // What was never seen is no name.
    private bool IsStillNamed() =>
        (_permit.Kind is L7Kind.Tls or L7Kind.Name || _passesHello) && _relay.Door.Gate.RecheckServerName(ref _permit, _serverName).Allowed
        && (_route is { Decrypted: not null } || !NeedsInside(_serverName));
}
