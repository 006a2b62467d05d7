using System.Diagnostics.CodeAnalysis;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>The assertion of every law. Independent of a test framework, so that fuzzers and tests share the laws.</summary>
internal static class Law
{
    /// <summary>Throws <see cref="LawBrokenException"/> unless <paramref name="condition"/> is true.</summary>
    public static void Holds([DoesNotReturnIf(false)] bool condition, string law)
    {
        if (!condition)
        {
            throw new LawBrokenException(law);
        }
    }

    /// <summary>Throws <see cref="LawBrokenException"/> unless both are equal; the message shows them.</summary>
    public static void Same<T>(T expected, T actual, string law)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new LawBrokenException($"{law}: {expected} and {actual}");
        }
    }
}
