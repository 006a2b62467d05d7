using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>
/// The only door to the policy engine: every connection and every request is judged here, and every judgement leaves a flow.
/// Judging is synchronous, pure and free of allocation when nobody observes. Thread-safe.
/// </summary>
public sealed class PolicyGate
{
    private readonly PolicyEngine _engine;
    private readonly TimeProvider _time;

    /// <summary>Creates a gate over an engine.</summary>
    /// <param name="engine">The engine whose current snapshots judge.</param>
    /// <param name="flows">Where flows go.</param>
    /// <param name="time">Clock for flow times.</param>
    public PolicyGate(PolicyEngine engine, Flows.IFlowObserver flows, TimeProvider time)
    {
        _engine = engine;
        _time = time;
        Flows = flows;
    }

    internal Flows.IFlowObserver Flows { get; }

    /// <summary>Judges a connection at L3/L4. The permit is needed for everything that follows on it.</summary>
    public Verdict Connect(in ConnectionTuple connection, out ConnectionPermit permit)
    {
        _ = (_engine, _time);
        permit = new ConnectionPermit { Tuple = connection };
        return default;
    }

    /// <summary>
    /// Judges one HTTP request with the policies in force now. A permit whose connection needs no inspection allows every request;
    /// a permit that was refused refuses.
    /// </summary>
    /// <remarks>
    /// <see cref="VerdictReason.AmbiguousRequest"/> asks for a 400, any other denial for a 403 (semantics 5.5).
    /// </remarks>
    public Verdict Check<TRequest>(ref ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct
    {
        return default;
    }

    /// <summary>Judges a TLS handshake by its server name. An empty name stands for a handshake without one.</summary>
    public Verdict CheckServerName(ref ConnectionPermit permit, ReadOnlySpan<char> serverName) => default;

    /// <summary>Judges one DNS query.</summary>
    public Verdict Check(ref ConnectionPermit permit, in Protocols.Dns.DnsQuery query) => default;

    /// <summary>Reports the response to a judged request (the RESPONSE flow), or a failure to get one.</summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="request">The request it answers.</param>
    /// <param name="statusCode">Status code sent to the client, own denials included.</param>
    /// <param name="latency">Time since the request was judged.</param>
    /// <param name="note">Error text for a response this proxy made because forwarding failed; empty otherwise.</param>
    public void Complete<TRequest>(in ConnectionPermit permit, in TRequest request, int statusCode, TimeSpan latency, string note = "")
        where TRequest : IHttpRequest, allows ref struct
    {
    }

    /// <summary>The full walk for one connection and, if <paramref name="request"/> is given, one HTTP request. Slow, complete, leaves no flow.</summary>
    public Explanation Explain(in ConnectionTuple connection, IHttpRequest? request = null) =>
        new() { Connection = default, Final = default, Direction = connection.Direction, Kind = L7Kind.None, Steps = [] };
}
