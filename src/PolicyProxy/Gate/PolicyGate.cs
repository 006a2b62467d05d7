using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Gate;

/// <summary>
/// The only door to the policy engine: every connection and every request is judged here, and every judgement leaves a flow.
/// Judging is synchronous, pure and free of allocation when nobody observes. Thread-safe.
/// </summary>
public sealed class PolicyGate
{
    private readonly PolicyEngine _engine;
    private readonly GateFlows _flows;
    private readonly TimeProvider _time;

    /// <summary>Creates a gate over an engine.</summary>
    /// <param name="engine">The engine whose current snapshots judge.</param>
    /// <param name="flows">Where flows go.</param>
    /// <param name="time">Clock for flow times.</param>
    public PolicyGate(PolicyEngine engine, FlowPublisher flows, TimeProvider time)
    {
        _engine = engine;
        _time = time;
        _flows = new GateFlows(flows, time);
    }

    /// <summary>Judges a connection at L3/L4. The permit is needed for everything that follows on it.</summary>
    public Verdict Connect(in ConnectionTuple connection, out ConnectionPermit permit)
    {
        permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        var verdict = permit.Verdict;
        if (_flows.Wants(verdict))
        {
            _flows.Connection(permit, verdict);
        }

        return verdict;
    }

    /// <summary>
    /// Judges one HTTP request with the policies in force now. A permit whose connection needs no inspection allows every request;
    /// a permit that was refused refuses.
    /// </summary>
    /// <remarks>
    /// The raw and the canonical form of the path must both be allowed (market.md 4.1). <see cref="VerdictReason.AmbiguousRequest"/>
    /// asks for a 400, any other denial for a 403 (semantics 5.5).
    /// </remarks>
    public Verdict Check<TRequest>(ref ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        Refresh(ref permit);
        var verdict = TlsServerJudge.Judge(permit, RequestJudge.Judge<HttpJudge<TRequest>, TRequest>(permit, request), request);
        if (_flows.Wants(verdict))
        {
            _flows.Http(permit, request, verdict);
        }

        return verdict;
    }

    /// <summary>
    /// Judges a TLS handshake by its server name; empty stands for a handshake without one. A connection whose handshake was judged
    /// this way needs no name again for the requests inside it.
    /// </summary>
    public Verdict CheckServerName(ref ConnectionPermit permit, ReadOnlySpan<char> serverName)
    {
        Refresh(ref permit);
        var verdict = RequestJudge.Judge<ServerNameJudge, ReadOnlySpan<char>>(permit, serverName);
        permit.ServerNameAllowed = verdict.Allowed;
        if (_flows.Wants(verdict))
        {
            _flows.ServerName(permit, serverName, verdict, serverName.IsEmpty ? "the client names no server" : string.Empty);
        }

        return verdict;
    }

    /// <summary>
    /// Judges a connection whose server name cannot be known as one without a name (semantics 8.2), and says in the flow why. Nothing of it
    /// is taken away by letting it pass, so audit mode does.
    /// </summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="shownName">A name the handshake shows that need not be the true one; else empty. Reported, not judged.</param>
    /// <param name="reason">Why it is denied, unless a rule allows it without a name.</param>
    /// <param name="note">The same in words.</param>
    internal Verdict CheckWithoutServerName(ref ConnectionPermit permit, ReadOnlySpan<char> shownName, VerdictReason reason, string note)
    {
        Refresh(ref permit);
        var verdict = RequestJudge.Judge<ServerNameJudge, ReadOnlySpan<char>>(permit, []);
        permit.ServerNameAllowed = verdict.Allowed;
        if (verdict.Reason == VerdictReason.NoRuleMatched)
        {
            var denial = new Verdict(false, reason);
            verdict = verdict.Allowed ? denial.AsAudit() : denial;
        }

        if (_flows.Wants(verdict))
        {
            _flows.ServerName(permit, shownName, verdict, note);
        }

        return verdict;
    }

    /// <summary>Judges one DNS query.</summary>
    public Verdict Check(ref ConnectionPermit permit, in DnsQuery query)
    {
        Refresh(ref permit);
        var verdict = RequestJudge.Judge<DnsJudge, DnsQuery>(permit, query);
        if (_flows.Wants(verdict))
        {
            _flows.Dns(permit, query, verdict);
        }

        return verdict;
    }

    /// <summary>
    /// Judges one Kafka request, name by name: where only some are denied the request may go on without them (<see cref="KafkaCall.IsPartial"/>). The verdict
    /// allows only requests of which nothing is denied.
    /// </summary>
    public Verdict Check(ref ConnectionPermit permit, in KafkaCall call)
    {
        Refresh(ref permit);
        var verdict = RequestJudge.Judge<KafkaJudge, KafkaCall>(permit, call);
        call.Settle(verdict.Allowed);
        if (_flows.Wants(verdict))
        {
            _flows.Kafka(permit, call, verdict);
        }

        return verdict;
    }

    /// <summary>
    /// True if the response to a Kafka request may show this topic, by the policies the request was judged by. Leaves no flow: nothing was asked for by name.
    /// </summary>
    internal static bool Shows(in ConnectionPermit permit, in KafkaCall call, in KafkaName name) =>
        permit.Tuple.Audit || (permit.Policy?.Enforced ?? permit.Policy) is not { } policy || policy.ShowsKafka(call, name);

    /// <summary>True if whoever sends this Kafka request may send any other.</summary>
    internal static bool IsOpen(in ConnectionPermit permit, in KafkaRequest request) =>
        permit.Tuple.Audit || (permit.Policy?.Enforced ?? permit.Policy) is not { } policy || policy.IsOpenForKafka(request);

    /// <summary>True if an allowed Kafka request may create the topics it asks for.</summary>
    internal static bool Creates(in ConnectionPermit permit, in KafkaCall call) =>
        permit.Tuple.Audit || (permit.Policy?.Enforced ?? permit.Policy) is not { } policy || policy.CreatesKafka(call);

    /// <summary>
    /// Refuses bytes that are no valid message of the protocol: nothing can be judged, so nothing is let through, in audit mode neither.
    /// </summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="error">What is wrong with them; becomes the flow's note.</param>
    public Verdict Refuse(ref ConnectionPermit permit, in ProtocolError error)
    {
        Refresh(ref permit);
        var verdict = new Verdict(false, VerdictReason.ProtocolError);
        if (_flows.Wants(verdict))
        {
            _flows.Refused(permit, error, verdict);
        }

        return verdict;
    }

    /// <summary>The permit <see cref="Connect"/> would give; leaves no flow. For choosing between connections, one of which is then judged.</summary>
    internal ConnectionPermit Preview(in ConnectionTuple connection)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        return permit;
    }

    /// <summary>The verdict on a request on a previewed connection; leaves no flow.</summary>
    internal static Verdict Preview<TRequest>(in ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct => RequestJudge.Judge<HttpJudge<TRequest>, TRequest>(permit, request);

    /// <summary>The verdict on a TLS server name on a previewed connection; leaves no flow.</summary>
    internal static Verdict PreviewServerName(ref ConnectionPermit permit, ReadOnlySpan<char> serverName)
    {
        var verdict = RequestJudge.Judge<ServerNameJudge, ReadOnlySpan<char>>(permit, serverName);
        permit.ServerNameAllowed = verdict.Allowed;
        return verdict;
    }

    /// <summary>True if policies or identities have changed since the permit was judged.</summary>
    internal bool IsOutdated(in ConnectionPermit permit) => !ReferenceEquals(permit.State, _engine.State);

    /// <summary>Judges an open connection again at L3/L4; a denial leaves a flow.</summary>
    internal Verdict Recheck(ref ConnectionPermit permit)
    {
        Refresh(ref permit);
        var verdict = permit.Verdict;
        if (!verdict.Allowed && _flows.Wants(verdict))
        {
            _flows.Connection(permit, verdict);
        }

        return verdict;
    }

    /// <summary>Judges an open connection again by the server name of its handshake; a denial leaves a flow.</summary>
    internal Verdict RecheckServerName(ref ConnectionPermit permit, ReadOnlySpan<char> serverName)
    {
        Refresh(ref permit);
        var verdict = RequestJudge.Judge<ServerNameJudge, ReadOnlySpan<char>>(permit, serverName);
        if (!verdict.Allowed && _flows.Wants(verdict))
        {
            _flows.ServerName(permit, serverName, verdict, string.Empty);
        }

        return verdict;
    }

    /// <summary>
    /// Reports a connection that policy would admit but nobody can take, so it is refused: the note says why. For enforcement points in
    /// front of the proxy.
    /// </summary>
    internal void Drop(in ConnectionTuple connection, string note)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        var verdict = new Verdict(false, VerdictReason.Unsupported, permit.Verdict.Rule);
        if (_flows.Wants(verdict))
        {
            _flows.Dropped(permit, verdict, note);
        }
    }

    /// <summary>What an allowed TLS handshake needs beyond its name, by the rules in force for that name.</summary>
    /// <param name="permit">The connection's permit, as <see cref="CheckServerName"/> left it.</param>
    /// <param name="serverName">Lower case; empty = none is shown.</param>
    internal static TlsHandling HandlingOf(in ConnectionPermit permit, ReadOnlySpan<char> serverName)
    {
        var policy = permit.Unnamed is null ? permit.Policy : permit.PolicyFor(serverName);
        if (policy is null)
        {
            return default;
        }

        // What is only audited is looked at as well, so that the flow can say what it would do.
        var full = policy.Handle(serverName);
        return policy.Enforced is { } enforced && enforced.Handle(serverName) is { EndsHere: true } needed ? needed : full;
    }

    /// <summary>With what a request that came in the open is to go on over TLS, by the rules it was judged by; null = it goes on as it came.</summary>
    /// <param name="permit">The connection's permit, as the verdict on the request left it.</param>
    /// <param name="authority">What the request shows.</param>
    internal static TlsContext? OriginatingOf(in ConnectionPermit permit, ReadOnlySpan<char> authority) =>
        permit.HasTlsContext ? HandlingOf(permit, HostName.Of(authority).ToString().ToLowerInvariant()).Originating : null;

    /// <summary>Reports a TLS handshake that policy admits and that is refused all the same: the note says why.</summary>
    internal void DropHandshake(in ConnectionPermit permit, ReadOnlySpan<char> serverName, string note)
    {
        var verdict = new Verdict(false, VerdictReason.Unsupported, permit.Verdict.Rule);
        if (_flows.Wants(verdict))
        {
            _flows.ServerName(permit, serverName, verdict, note);
        }
    }

    /// <summary>
    /// Refuses a connection whose peer claims to be somebody and does not prove it: the note says why. Audit mode lets it pass as whoever it is by
    /// its address, and reports it.
    /// </summary>
    internal Verdict RefusePeer(in ConnectionTuple connection, string note)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        var denial = new Verdict(false, VerdictReason.CertificateRefused);
        var verdict = connection.Audit ? denial.AsAudit() : denial;
        if (_flows.Wants(verdict))
        {
            _flows.Dropped(permit, verdict, note);
        }

        return verdict;
    }

    /// <summary>
    /// Refuses a connection that policy admits, because its rules do not speak of such an address (<see cref="SpecialNetworks"/>): the note says
    /// which. Audit mode lets it pass and reports it.
    /// </summary>
    internal Verdict Withhold(in ConnectionTuple connection, string note)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        var denial = new Verdict(false, VerdictReason.DefaultDeny);
        var verdict = connection.Audit ? denial.AsAudit() : denial;
        if (_flows.Wants(verdict))
        {
            _flows.Dropped(permit, verdict, note);
        }

        return verdict;
    }

    /// <summary>
    /// Teaches <c>toFQDNs</c> what this process resolved itself, and forgets what is over. When it returns the next connection is judged by it.
    /// </summary>
    /// <param name="answer">What the resolver said.</param>
    internal void LearnOwn(in FqdnAnswer answer)
    {
        var now = _time.GetUtcNow();
        _engine.Identities.Expire(now);
        _ = _engine.Identities.Learn(answer, now);
    }

    /// <summary>The reserved identity of this name.</summary>
    internal Identity Reserved(string name) => _engine.Identities.GetReserved(name);

    /// <summary>
    /// Teaches <c>toFQDNs</c> what an allowed query was answered. Call it before the answer goes to the client: when it returns, engine and
    /// kernel know the addresses, so the first connection to one cannot come too early.
    /// </summary>
    /// <param name="permit">The permit of the connection to the resolver; one that is refused teaches nothing.</param>
    /// <param name="answer">What the answer says.</param>
    /// <returns>Pairs of name and address that were not known.</returns>
    internal int Learn(in ConnectionPermit permit, in FqdnAnswer answer) =>
        permit.IsAllowed && !answer.Addresses.IsEmpty ? _engine.Identities.Learn(answer, _time.GetUtcNow()) : 0;

    /// <summary>
    /// Keeps what is known of the peer of an admitted connection for as long as the connection lives, so that a rotation does not cut it.
    /// Dispose at its end; null if names have nothing to do with it.
    /// </summary>
    internal AddressHold? Hold(in ConnectionPermit permit) =>
        permit is { IsAllowed: true, Peer.Names: not null, Tuple.PeerAddress: { } address } ? _engine.Identities.Hold(address.Address) : null;

    /// <summary>Reports the response to a judged request (the RESPONSE flow), or a failure to get one.</summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="request">The request it answers.</param>
    /// <param name="statusCode">Status code sent to the client, own denials included.</param>
    /// <param name="latency">Time since the request was judged.</param>
    /// <param name="note">Error text for a response this proxy made because forwarding failed; empty otherwise.</param>
    public void Complete<TRequest>(in ConnectionPermit permit, in TRequest request, int statusCode, TimeSpan latency, string note = "")
        where TRequest : IHttpRequest, allows ref struct
    {
        if (_flows.WantsResponse(note))
        {
            _flows.HttpResponse(permit, request, statusCode, latency, note);
        }
    }

    /// <summary>Reports the answer to an allowed DNS query.</summary>
    /// <param name="permit">The permit of whoever asked.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="latency">Time since the query was judged.</param>
    public void Complete(in ConnectionPermit permit, in DnsAnswer answer, TimeSpan latency)
    {
        if (_flows.WantsResponse(string.Empty))
        {
            _flows.DnsAnswer(permit, answer, latency);
        }
    }

    /// <summary>The full walk for one connection. Slow, complete, leaves no flow.</summary>
    public Explanation Explain(in ConnectionTuple connection) => Explain(connection, request: null);

    /// <summary>The full walk for one connection and, if <paramref name="request"/> is given, one HTTP request. Slow, complete, leaves no flow.</summary>
    public Explanation Explain(in ConnectionTuple connection, IHttpRequest? request)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        return new Explainer(permit).Explain(request);
    }

    /// <summary>The full walk for a request inside TLS, whose handshake showed a server name; empty = none.</summary>
    internal Explanation Explain(in ConnectionTuple connection, IHttpRequest? request, string? serverName)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        if (serverName is not null && !permit.AllowsWithoutServerName)
        {
            _ = PreviewServerName(ref permit, serverName);
        }

        return new Explainer(permit).Explain(request);
    }

    /// <summary>
    /// The rules that allow the subject something in a direction, those of HTTP lists one by one; DNS rules are no calls. Null if the direction is not denied
    /// by default.
    /// </summary>
    internal IReadOnlyList<RuleOrigin>? AllowsOf(Identity subject, TrafficDirection direction) =>
        _engine.State?.Policy.For(subject).Of(direction) is not { IsDefaultDeny: true } policy ? null
        : [.. policy.Entries
            .Where(static entry => !entry.Policy.Deny && !entry.DefaultTier && entry.Policy.Parser != L7Kind.Dns)
            .SelectMany(static entry => entry.Policy.Http.Count > 0 ? entry.Policy.Http.Select(static rule => rule.Origin) : entry.Policy.Origins.Take(1))];

    /// <summary>The full walk for one connection and one Kafka request, whose <see cref="KafkaCall.Errors"/> it sets. Slow, complete, leaves no flow.</summary>
    public Explanation Explain(in ConnectionTuple connection, in KafkaCall request)
    {
        var permit = new ConnectionPermit { Tuple = connection };
        Refresh(ref permit);
        return new Explainer(permit).Explain(request);
    }

    // Judged again whenever policy has moved on, so that live connections follow it at their next request (semantics 5.3).
    private void Refresh(ref ConnectionPermit permit)
    {
        var state = _engine.State;
        if (ReferenceEquals(permit.State, state) && state is not null)
        {
            return;
        }

        permit.JudgeBy(state);
    }
}
