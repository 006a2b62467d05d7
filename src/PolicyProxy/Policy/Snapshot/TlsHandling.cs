namespace PolicyProxy.Policy.Snapshot;

/// <summary>What an allowed TLS handshake needs beyond its name (semantics 8.4, 8.5).</summary>
/// <param name="EndsHere">True if what is inside has to be seen: the connection is decrypted, or refused. False = it passes untouched.</param>
/// <param name="Terminating">The context the client is to be answered with; null = no rule names one.</param>
/// <param name="Originating">The context the server is to be spoken to with; null = no rule names one.</param>
internal readonly record struct TlsHandling(bool EndsHere, TlsContext? Terminating, TlsContext? Originating);
