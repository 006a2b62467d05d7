namespace PolicyProxy.Protocols.Http;

/// <summary>What kind of request a response answers; the end of its body depends on it (RFC 9112 §6.3).</summary>
public enum Http1ResponseTo
{
    /// <summary>Any method but HEAD and CONNECT.</summary>
    Other = 0,

    /// <summary>HEAD: never a body, whatever the fields announce.</summary>
    Head = 1,

    /// <summary>CONNECT: a 2xx status starts a tunnel.</summary>
    Connect = 2,
}
