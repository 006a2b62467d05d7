using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Asks the gate about connections and requests that ASP.NET Core received, for one subject on ingress. Each connection is judged
/// once, at its first request or when the sidecar accepts it, and every request by the policies in force then. Thread-safe.
/// </summary>
internal sealed class HttpDoor
{
    // Keyed by the transport's connection object: it is shared by all requests of the connection and dies with it. The connection's
    // own Items are no place for this, since they are not thread-safe and HTTP/2 requests run at the same time.
    private readonly ConditionalWeakTable<object, HttpAdmissionSlot> _connections = [];
    private readonly FlowPublisher _flows;

    /// <summary>Creates a door.</summary>
    /// <param name="gate">The gate to ask.</param>
    /// <param name="flows">The gate's publisher; without observers nothing needs to be measured.</param>
    /// <param name="time">Clock for latencies.</param>
    public HttpDoor(PolicyGate gate, FlowPublisher flows, TimeProvider time)
    {
        Gate = gate;
        Time = time;
        _flows = flows;
    }

    /// <summary>Gives the subject's identity by the policies in force; called for every request.</summary>
    public required Func<Identity> Subject { get; init; }

    /// <summary>Destination port to judge by; null = the port the connection arrived on.</summary>
    public ushort? PolicyPort { get; init; }

    /// <summary>True lets denials through and reports them.</summary>
    public bool Audit { get; init; }

    /// <summary>Verifies client certificates; null if no trust domain is configured.</summary>
    public Spiffe.PeerVerifier? Peers { get; init; }

    /// <summary>True once the requests of the application go through the middleware.</summary>
    public bool JudgesRequests { get; set; }

    /// <summary>What happens to connections that are not admitted.</summary>
    public RefusedConnection RefusedConnection { get; init; }

    /// <summary>The reply to a denied request: 403, or gRPC PERMISSION_DENIED.</summary>
    public required LocalReply Denied { get; init; }

    public PolicyGate Gate { get; }

    public TimeProvider Time { get; }

    /// <summary>True if somebody wants to know of responses.</summary>
    public bool IsObserved => _flows.HasObservers;

    /// <summary>The reply to a request that servers may read in different ways: 400, or gRPC INTERNAL, which gRPC maps 400 to.</summary>
    public LocalReply Ambiguous { get; } = new(StatusCodes.Status400BadRequest, grpcStatus: 13, "Bad request");

    /// <summary>The reply to a request for another host than its TLS handshake was for: 421, or gRPC PERMISSION_DENIED.</summary>
    public LocalReply Misdirected { get; } = new(StatusCodes.Status421MisdirectedRequest, grpcStatus: 7, "Misdirected request");

    /// <summary>The reply to a request that is not allowed.</summary>
    public LocalReply ReplyTo(in Verdict denial) => denial.Reason switch
    {
        VerdictReason.AmbiguousRequest => Ambiguous,
        VerdictReason.HostMismatch => Misdirected,
        _ => Denied,
    };

    /// <summary>Judges a connection before its first byte is read.</summary>
    /// <param name="remote">Address of the client; null = unknown.</param>
    /// <param name="local">Address the connection arrived at; null = unknown.</param>
    /// <param name="permit">Needed for everything that follows on the connection.</param>
    public Verdict Admit(IPEndPoint? remote, IPEndPoint? local, out ConnectionPermit permit) => Connect(
        new ConnectionFacts(remote?.Address, remote?.Port ?? 0, local?.Address, local?.Port ?? 0, Subject(), Peer: null, PeerIsAuthenticated: false),
        out permit);

    /// <summary>Reports a connection that ended before it could be judged: the note says why.</summary>
    public void Drop(IPEndPoint? remote, IPEndPoint? local, string note) => Gate.Drop(Tuple(FactsOf(remote, local, Subject(), peer: null)), note);

    /// <summary>Judges a connection of Kestrel's, by the identity its client has proven if it has.</summary>
    public Verdict Admit(ConnectionContext connection, out ConnectionPermit permit) => Admit(
        connection.RemoteEndPoint as IPEndPoint, connection.LocalEndPoint as IPEndPoint, connection.Features.Get<IPeerIdentityFeature>(), out permit);

    /// <summary>Judges a connection by the identity its client has proven, or by its address.</summary>
    /// <param name="remote">Address of the client; null = unknown.</param>
    /// <param name="local">Address the connection arrived at; null = unknown.</param>
    /// <param name="peer">What the client has shown; null = nothing.</param>
    /// <param name="permit">Needed for everything that follows on the connection.</param>
    public Verdict Admit(IPEndPoint? remote, IPEndPoint? local, IPeerIdentityFeature? peer, out ConnectionPermit permit) =>
        peer?.Refusal is { } refusal && Refuse(Tuple(FactsOf(remote, local, Subject(), peer: null)), refusal, out permit) is { Allowed: false } denial
            ? denial
            : Connect(FactsOf(remote, local, Subject(), peer), out permit);

    /// <summary>What <see cref="Admit(ConnectionContext, out ConnectionPermit)"/> would say; leaves no flow.</summary>
    public ConnectionPermit Preview(ConnectionContext connection) => Gate.Preview(Tuple(FactsOf(connection, Subject(), peer: null)));

    /// <summary>Takes over the verdict on a connection of Kestrel's, and the server name it was judged by; null = none was asked for.</summary>
    public void Keep(ConnectionContext connection, in ConnectionPermit permit, string? serverName)
    {
        if (connection.Features.Get<IConnectionItemsFeature>() is { } key)
        {
            var facts = FactsOf(connection, permit.Tuple.Subject, connection.Features.Get<IPeerIdentityFeature>());
            _connections.GetOrCreateValue(key).Current = new HttpAdmission(facts, permit) { ServerName = serverName };
        }
    }

    /// <summary>Takes over the verdict on a connection that was judged before ASP.NET Core saw it.</summary>
    public void Adopt(ConnectionContext connection, in ConnectionPermit permit)
    {
        if (connection.Features.Get<IConnectionItemsFeature>() is { } key)
        {
            var facts = FactsOf(connection, permit.Tuple.Subject, peer: null);
            _connections.GetOrCreateValue(key).Current = new HttpAdmission(facts, permit) { IsAdopted = true };
        }
    }

    /// <summary>Judges a request on an admitted connection; not <see cref="ConnectionPermit.IsAllowed"/> = the connection is refused.</summary>
    public Verdict Check<TRequest>(ref ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        var subject = Subject();
        if (!Equals(subject, permit.Tuple.Subject) && Gate.Connect(permit.Tuple with { Subject = subject }, out permit) is { Allowed: false } verdict)
        {
            return verdict;
        }

        return Gate.Check(ref permit, request);
    }

    /// <summary>Judges an open connection again at L3/L4, after a change of policy.</summary>
    public Verdict Recheck(ref ConnectionPermit permit)
    {
        var subject = Subject();
        return Equals(subject, permit.Tuple.Subject) ? Gate.Recheck(ref permit) : Gate.Connect(permit.Tuple with { Subject = subject }, out permit);
    }

    /// <summary>The permit of an adopted connection, to judge a request of it apart from <see cref="Judge"/>; default, which denies, if it is not known.</summary>
    public ConnectionPermit PermitOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } key && _connections.TryGetValue(key, out var slot) && slot.Current is { } admission
            ? admission.Permit
            : default;

    /// <summary>Judges a request again that was allowed and still runs, by the policies in force now; a denial leaves a flow.</summary>
    public bool IsStillAllowed(ref ConnectionPermit permit, in HttpContextRequest request)
    {
        var now = Gate.Preview(permit.Tuple with { Subject = Subject() });
        now.ServerNameAllowed = permit.ServerNameAllowed;
        permit = now;
        return PolicyGate.Preview(permit, request).Allowed || Gate.Check(ref permit, request).Allowed;
    }

    /// <summary>Judges a request and, if that has not been done, its connection.</summary>
    /// <param name="context">The request's context.</param>
    /// <param name="request">The request.</param>
    /// <param name="permit">The permit to complete the request with. Not <see cref="ConnectionPermit.IsAllowed"/> = the connection is refused.</param>
    public Verdict Judge(HttpContext context, in HttpContextRequest request, out ConnectionPermit permit)
    {
        var connection = context.Connection;
        var peer = context.Features.Get<IPeerIdentityFeature>();
        var facts = new ConnectionFacts(
            connection.RemoteIpAddress,
            connection.RemotePort,
            connection.LocalIpAddress,
            connection.LocalPort,
            Subject(),
            peer?.Peer,
            peer is { IsAuthenticated: true });
        if (peer?.Refusal is { } refusal && Refuse(Tuple(facts), refusal, out permit) is { Allowed: false } unproven)
        {
            return unproven;
        }

        // 1. The connection: known, or judged now. A server without connection objects has every request judged as a connection.
        var slot = context.Features.Get<IConnectionItemsFeature>() is { } key ? _connections.GetOrCreateValue(key) : null;
        if (slot?.Current is not { } admission || !admission.IsFor(facts))
        {
            var before = slot?.Current;
            var adopted = before is { IsAdopted: true } ? before : null;
            var verdict = adopted is null ? Connect(facts, out permit) : Gate.Connect(adopted.Permit.Tuple with { Subject = facts.Subject }, out permit);
            if (verdict.Allowed && before?.ServerName is { } name && !permit.AllowsWithoutServerName)
            {
                verdict = Gate.CheckServerName(ref permit, name);
            }

            admission = new HttpAdmission(facts, permit) { IsAdopted = adopted is not null, ServerName = before?.ServerName };
            slot?.Current = admission;
            if (!verdict.Allowed)
            {
                return verdict;
            }
        }

        // 2. The request, on a copy of the permit: requests of one HTTP/2 connection run at the same time.
        permit = admission.Permit;
        var state = permit.State;
        if (admission.ServerName is { } serverName && Gate.IsOutdated(permit) && Gate.RecheckServerName(ref permit, serverName) is { Allowed: false } misnamed)
        {
            return misnamed;
        }

        var answer = Gate.Check(ref permit, request);

        // 3. Policy moved on: let the next request start from the refreshed permit.
        if (slot is not null && !ReferenceEquals(permit.State, state))
        {
            slot.Current = admission.With(permit);
        }

        return answer;
    }

    private Verdict Connect(in ConnectionFacts facts, out ConnectionPermit permit) => Gate.Connect(Tuple(facts), out permit);

    private Verdict Refuse(in ConnectionTuple tuple, string refusal, out ConnectionPermit permit)
    {
        permit = default;
        return Gate.RefusePeer(tuple, $"the client's certificate is refused: {refusal}");
    }

    private ConnectionTuple Tuple(in ConnectionFacts facts) => new()
    {
        Direction = TrafficDirection.Ingress,
        Subject = facts.Subject,
        Protocol = TransportProtocol.Tcp,
        Port = PolicyPort ?? (ushort)facts.LocalPort,
        Peer = facts.Peer,
        PeerIsAuthenticated = facts.PeerIsAuthenticated,
        Audit = Audit,
        Source = EndPoint(facts.RemoteAddress, facts.RemotePort),
        Destination = EndPoint(facts.LocalAddress, facts.LocalPort),
    };

    private static ConnectionFacts FactsOf(ConnectionContext connection, Identity subject, IPeerIdentityFeature? peer) =>
        FactsOf(connection.RemoteEndPoint as IPEndPoint, connection.LocalEndPoint as IPEndPoint, subject, peer);

    private static ConnectionFacts FactsOf(IPEndPoint? remote, IPEndPoint? local, Identity subject, IPeerIdentityFeature? peer) =>
        new(remote?.Address, remote?.Port ?? 0, local?.Address, local?.Port ?? 0, subject, peer?.Peer, peer is { IsAuthenticated: true });

    // A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; policies and inventories write a.b.c.d.
    private static IPEndPoint? EndPoint(IPAddress? address, int port) =>
        address is null ? null : new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
}
