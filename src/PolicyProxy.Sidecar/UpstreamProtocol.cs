namespace PolicyProxy.Sidecar;

/// <summary>HTTP version spoken to the upstream. Requests of HTTP/1.x are always forwarded as they are.</summary>
internal enum UpstreamProtocol
{
    /// <summary>What the client speaks: HTTP/2 with prior knowledge for HTTP/2.</summary>
    SameAsClient = 0,

    /// <summary>HTTP/1.1 always; gRPC does not survive it.</summary>
    Http1,
}
