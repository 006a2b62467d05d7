namespace PolicyProxy.Protocols;

/// <summary>A refusal as a value: what was wrong and at which byte. Never an exception.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Offset">0-based byte (or character) offset inside the message.</param>
public readonly record struct ProtocolError(ProtocolErrorCode Code, int Offset)
{
    /// <summary>Text for logs and flows: reason, section of the specification, offset. Never contains received bytes.</summary>
    public override string ToString() => Code == ProtocolErrorCode.None
        ? ProtocolErrorText.Describe(Code)
        : $"{ProtocolErrorText.Describe(Code)} ({ProtocolErrorText.Source(Code)}) at offset {Offset}";
}
