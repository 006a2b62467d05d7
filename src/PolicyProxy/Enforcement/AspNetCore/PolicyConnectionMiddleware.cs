using Microsoft.AspNetCore.Connections;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Judges connections of Kestrel before anything else reads them: at L3/L4, and by the server name of the ClientHello where a rule asks for one. On
/// listeners with client certificates both wait for the certificate, inside the handshake (<see cref="PeerHandshake"/>). A refused connection is aborted.
/// </summary>
internal sealed class PolicyConnectionMiddleware(ConnectionDelegate next, HttpDoor door, PolicyConnectionOptions options)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        // 1. By the address, unless a certificate may still say who it is.
        var mayProve = door.Peers is not null && JudgesRequests;
        ConnectionPermit permit;
        if (mayProve)
        {
            permit = door.Preview(connection);
        }
        else if (!door.Admit(connection, out permit).Allowed || !IsJudgeable(connection, permit))
        {
            connection.Abort();
            return;
        }

        // 2. The first bytes, if they matter.
        HelloReading? hello = mayProve || !permit.AllowsWithoutServerName ? await ReadHelloAsync(connection).ConfigureAwait(false) : null;
        var handshake = new PeerHandshake(door, connection, hello?.ServerName ?? string.Empty);
        if (mayProve && hello is { Kind: FirstBytes.Tls })
        {
            // 3. The certificate decides; without one, or without TLS that asks for it, every request is judged by the address.
            connection.Features.Set(handshake);
        }
        else if ((mayProve && !door.Admit(connection, out permit).Allowed) || (hello is { } reading && !IsNamed(ref permit, reading)))
        {
            connection.Abort();
            return;
        }
        else
        {
            door.Keep(connection, permit, hello?.ServerName);
        }

        await next(connection).ConfigureAwait(false);
    }

    private bool JudgesRequests => options.RequestsAreJudged ?? door.JudgesRequests;

    // Rules that look into the connection need somebody who does.
    private bool IsJudgeable(ConnectionContext connection, in ConnectionPermit permit)
    {
        if (JudgesRequests || permit.Kind is L7Kind.None or L7Kind.Tls)
        {
            return true;
        }

        door.Gate.Drop(permit.Tuple, "the rules look into the connection, and nobody judges what is in it here: add app.UsePolicyProxy()");
        return false;
    }

    private bool IsNamed(ref ConnectionPermit permit, in HelloReading hello)
    {
        if (hello.Kind is FirstBytes.None or FirstBytes.Malformed)
        {
            // Of no use to whoever reads next, in audit mode neither. A client that says nothing and leaves is no denial.
            if (hello.Problem.Length > 0 && !permit.AllowsWithoutServerName)
            {
                _ = door.Gate.CheckWithoutServerName(ref permit, [], VerdictReason.ProtocolError, hello.Problem);
            }

            return false;
        }

        return permit.AllowsWithoutServerName || (hello.Kind == FirstBytes.Tls
            ? door.Gate.CheckServerName(ref permit, hello.ServerName)
            : door.Gate.CheckWithoutServerName(ref permit, [], VerdictReason.NoRuleMatched, "the connection does not begin with a TLS handshake")).Allowed;
    }

    private async Task<HelloReading> ReadHelloAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(options.HelloTimeout, door.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        return await HelloReading.ReadAsync(connection.Transport.Input, either.Token).ConfigureAwait(false);
    }
}
