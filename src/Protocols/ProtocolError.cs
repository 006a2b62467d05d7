namespace PolicyProxy.Protocols;

/// <summary>A refusal as a value: what was wrong and at which byte. Never an exception.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Offset">0-based byte offset inside the message.</param>
public readonly record struct ProtocolError(ProtocolErrorCode Code, int Offset)
{
    /// <summary>Text for logs and flows.</summary>
    public override string ToString() => $"{Code} at byte {Offset}";
}
