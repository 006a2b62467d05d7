namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>What a client sees whose connection, not its request, is refused: no rule admits its identity at this port.</summary>
public enum RefusedConnection
{
    /// <summary>The connection is reset without a response, as Cilium does (semantics 5.5).</summary>
    Reset = 0,

    /// <summary>Every request is answered as a denied request is. For clients behind a load balancer that shares connections.</summary>
    Respond,
}
