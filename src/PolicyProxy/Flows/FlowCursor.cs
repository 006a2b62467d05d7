namespace PolicyProxy.Flows;

/// <summary>A place in a <see cref="FlowLog"/>: the number of the next flow to read. The default value is the first flow ever appended.</summary>
/// <param name="Position">0-based number of the next flow.</param>
public readonly record struct FlowCursor(long Position);

/// <summary>One flow as a follower gets it.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="LostBefore">Flows overwritten between the previous reading and this one, before they could be read.</param>
public readonly record struct FlowReading(FlowRecord Flow, long LostBefore);
