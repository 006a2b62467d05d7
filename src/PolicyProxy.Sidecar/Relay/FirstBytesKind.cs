namespace PolicyProxy.Sidecar.Relay;

/// <summary>What a client speaks, told by what it says first. Only <see cref="TlsNamed"/> and <see cref="Http1"/> and <see cref="Http2"/> can show a name.</summary>
internal enum FirstBytesKind : byte
{
    /// <summary>Nothing yet, or too little to tell.</summary>
    Unknown = 0,

    /// <summary>TLS that asks for a server by name.</summary>
    TlsNamed,

    /// <summary>TLS without a server name.</summary>
    TlsUnnamed,

    /// <summary>TLS that may hide its server name (ECH); a name it shows is only that of the server that decrypts it.</summary>
    TlsEncrypted,

    /// <summary>It begins like TLS and is no ClientHello that can be read in one way only.</summary>
    TlsMalformed,

    /// <summary>A request line of HTTP/1.x. Whether the request is one, and of which host, is for the parser.</summary>
    Http1,

    /// <summary>The preface of HTTP/2 with prior knowledge.</summary>
    Http2,

    /// <summary>Anything else.</summary>
    Other,
}
