namespace PolicyProxy.Protocols.Http;

/// <summary>How the end of a body is found (RFC 9112 §6.3).</summary>
public enum Http1BodyKind
{
    /// <summary>There is none; the next message follows the head.</summary>
    None = 0,

    /// <summary>A number of bytes, at least one.</summary>
    Length = 1,

    /// <summary>Chunks, a last chunk and a trailer section.</summary>
    Chunked = 2,

    /// <summary>Everything until the peer closes. Responses only.</summary>
    UntilClose = 3,
}
