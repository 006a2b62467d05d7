namespace PolicyProxy.Soak.Traffic;

/// <summary>How far an answer came.</summary>
internal enum AnswerEnd
{
    Complete,

    /// <summary>The connection ended before the answer began.</summary>
    Nothing,

    /// <summary>The connection ended inside the answer.</summary>
    Truncated,

    /// <summary>Nothing came for the time a client waits.</summary>
    TimedOut,
}

/// <summary>What a client got for its request.</summary>
/// <param name="End">How far it came.</param>
/// <param name="Status">The final status; 0 = none.</param>
/// <param name="Tag">The tag in its head, the origin's mark; null = the answer is not an origin's.</param>
/// <param name="BodyIsRight">False if a byte of the body was another exchange's.</param>
/// <param name="BodyBytes">Length of the body.</param>
/// <param name="Closes">True if the connection ends after it.</param>
internal readonly record struct Answer(AnswerEnd End, int Status, string? Tag, bool BodyIsRight, long BodyBytes, bool Closes)
{
    /// <summary>True if the connection can take another request.</summary>
    public bool LeavesConnection => End == AnswerEnd.Complete && !Closes;

    public static Answer Broken(AnswerEnd end) => new(end, 0, null, BodyIsRight: true, 0, Closes: true);
}
