namespace PolicyProxy.Sidecar;

/// <summary>HTTP version spoken to the upstream.</summary>
internal enum UpstreamProtocol
{
    /// <summary>What the client speaks: HTTP/2 with prior knowledge for HTTP/2, HTTP/1.1 for HTTP/1.x and WebSockets.</summary>
    SameAsClient = 0,

    /// <summary>HTTP/1.1 always; gRPC does not survive it.</summary>
    Http1,

    /// <summary>HTTP/2 with prior knowledge always, except for WebSockets.</summary>
    Http2,
}
