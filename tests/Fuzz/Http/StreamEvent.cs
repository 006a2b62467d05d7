namespace PolicyProxy.Fuzz.Http;

/// <summary>What a relay learns from the bytes of a connection.</summary>
internal enum StreamEventKind
{
    /// <summary>A head was read.</summary>
    Head,

    /// <summary>A body ended.</summary>
    Body,

    /// <summary>What follows is for the next protocol, or not read any more.</summary>
    Handed,

    /// <summary>The bytes were refused.</summary>
    Refused,

    /// <summary>The input ended inside a head.</summary>
    InHead,

    /// <summary>The input ended inside a body.</summary>
    InBody,
}

/// <summary>One step of a connection.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Offset">Where it began, counted from the first byte of the connection; for a refusal, where it was found.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Text">What was read, or why not.</param>
internal readonly record struct StreamEvent(StreamEventKind Kind, long Offset, long Bytes, string Text);
