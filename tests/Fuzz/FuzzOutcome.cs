namespace PolicyProxy.Fuzz;

/// <summary>How far an input got. Both are fine; tests watch that neither is rare.</summary>
internal enum FuzzOutcome
{
    /// <summary>The parser refused the input or waits for more of it.</summary>
    Refused,

    /// <summary>At least one message was read to its end.</summary>
    Accepted,
}
