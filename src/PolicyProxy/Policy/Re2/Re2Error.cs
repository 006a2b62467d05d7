namespace PolicyProxy.Policy.Re2;

/// <summary>Why RE2 refuses a pattern. <paramref name="Position"/> is the 0-based UTF-16 index in the pattern.</summary>
internal readonly record struct Re2Error(string Message, int Position);
