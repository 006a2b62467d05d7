namespace PolicyProxy.Protocols.Http;

/// <summary>The four forms of a request-target (RFC 9112 §3.2).</summary>
public enum Http1TargetForm
{
    /// <summary>Path and query.</summary>
    Origin = 0,

    /// <summary>A whole <c>http</c> or <c>https</c> URI, as clients send to a forward proxy.</summary>
    Absolute = 1,

    /// <summary>Host and port; CONNECT only.</summary>
    Authority = 2,

    /// <summary><c>*</c>; OPTIONS only.</summary>
    Asterisk = 3,
}
