namespace PolicyProxy.Policy.Re2;

/// <summary>Why RE2 refuses a pattern. <paramref name="Position"/> is the 0-based UTF-16 index in the pattern.</summary>
internal readonly record struct Re2Error(string Message, int Position);

/// <summary>A parsed RE2 pattern, matched in full (an implicit <c>\A(?:…)\z</c>). Immutable, thread-safe.</summary>
internal sealed partial class Re2Pattern
{
}
