namespace PolicyProxy.Soak.Traffic;

/// <summary>How a request carries its body.</summary>
internal enum RequestBody
{
    None,
    Length,
    Chunked,
}

/// <summary>What the origin does with an exchange.</summary>
internal enum ResponseShape
{
    /// <summary>200 with Content-Length.</summary>
    Length,

    /// <summary>200 in chunks.</summary>
    Chunked,

    /// <summary>200 that ends with the connection.</summary>
    UntilClose,

    /// <summary>200 with Content-Length and <c>Connection: close</c>.</summary>
    LengthThenClose,

    /// <summary>103 before the 200.</summary>
    Interim,

    /// <summary>204.</summary>
    NoContent,

    /// <summary>304.</summary>
    NotModified,

    /// <summary>413 before the body has been read; the connection stays.</summary>
    EarlyThenKeep,

    /// <summary>413 before the body has been read, and the connection ends.</summary>
    EarlyThenClose,

    /// <summary>The connection ends instead of an answer.</summary>
    DropBeforeHead,

    /// <summary>The connection ends inside the body of the answer.</summary>
    DropInBody,

    /// <summary>101, then WebSocket messages are sent back.</summary>
    Tunnel,
}
