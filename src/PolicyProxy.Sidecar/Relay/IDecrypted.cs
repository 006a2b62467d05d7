using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>A client's TLS connection that ends in this process: the relay serves its plaintext, and what it forwards is encrypted again. Thread-safe.</summary>
internal interface IDecrypted
{
    /// <summary>The server the handshake was for: a name in lower case, or an address as an authority writes it.</summary>
    string Server { get; }

    /// <summary>What the client has shown, and was verified; null = it was not asked.</summary>
    X509Certificate2? ClientCertificate { get; }

    /// <summary>The end of the client's plaintext.</summary>
    PlaintextEnd Client { get; }

    /// <summary>Why the server cannot be spoken to, for a flow; empty if nothing is known to be wrong.</summary>
    string Failure { get; }

    /// <summary>True if the server is spoken to in the open: the route says where, and connections are made as any other.</summary>
    bool IsServerPlain { get; }

    /// <summary>A connection to the server, over which plaintext is sent; null with the error number if there is none.</summary>
    PlaintextEnd? Connect(out int error);

    /// <summary>The same for a server in this process: the stream of the plaintext.</summary>
    /// <exception cref="IOException">There is none.</exception>
    Task<Stream> OpenAsync(CancellationToken cancellationToken);
}
