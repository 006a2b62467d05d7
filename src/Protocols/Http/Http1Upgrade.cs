namespace PolicyProxy.Protocols.Http;

/// <summary>
/// What a message's Upgrade field asks for (RFC 9110 §7.8). Told even if the Connection field lacks the upgrade option, because some
/// origins switch without it.
/// </summary>
public enum Http1Upgrade
{
    /// <summary>No Upgrade field.</summary>
    None = 0,

    /// <summary><c>websocket</c> alone (RFC 6455).</summary>
    WebSocket = 1,

    /// <summary>A list that names <c>h2c</c>. If the origin agrees, requests follow that HTTP/1.1 rules cannot see; do not pass it on.</summary>
    Http2 = 2,

    /// <summary>Any other protocol, or several.</summary>
    Other = 3,
}
