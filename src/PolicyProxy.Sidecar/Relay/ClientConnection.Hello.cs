using PolicyProxy.Gate;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Sidecar.Relay;

/// <content>
/// Reads the ClientHello of connections whose rules ask for a server name. Not a byte goes on before the name was judged; then the connection
/// passes as it came, those bytes first.
/// </content>
internal sealed unsafe partial class ClientConnection
{
    private FirstBytes _first;
    private string _serverName = string.Empty;
    private LaterRecords _later;

    private void StartHello()
    {
        _stage = Stage.Hello;
        _first = new FirstBytes(_relay.Options.Tls, _relay.Options.Http);
        _relay.HeadTimeouts.Start(Timeout, Loop.Now);

        // Nothing depends on what the client would say, and it may be waiting for its server to speak first.
        if (_permit.Kind == L7Kind.Tls && _permit.AllowsWithoutServerName)
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
            case FirstBytesKind.Unknown when _permit.Kind == L7Kind.Name && _request.Received.Length < _relay.Options.BufferBytes:
                return false;
            case FirstBytesKind.Http1 when _permit.Kind == L7Kind.Name:
                ReadAsHttp();
                return true;
            case FirstBytesKind.TlsNamed:
                _serverName = _first.ServerName;
                _later = LaterRecords.After(_first.HasEarlyData);
                _request.Judge(_first.HelloBytes);
                Follow(gate.CheckServerName(ref _permit, _serverName));
                return true;
            case FirstBytesKind.TlsUnnamed:
                Follow(gate.CheckServerName(ref _permit, []));
                return true;
            case FirstBytesKind.TlsEncrypted:
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

    private void RefuseUnread(string note) =>
        Follow(_relay.Door.Gate.CheckWithoutServerName(ref _permit, [], VerdictReason.ProtocolError, note));

    // Policy may have moved on since the connection was admitted, to rules that need to see what is inside.
    private void Follow(in Verdict verdict)
    {
        if (!verdict.Allowed || _permit.Kind is not (L7Kind.None or L7Kind.Tls or L7Kind.Name))
        {
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
        _permit.Kind is L7Kind.Tls or L7Kind.Name && _relay.Door.Gate.RecheckServerName(ref _permit, _serverName).Allowed;
}
