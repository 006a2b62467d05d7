namespace PolicyProxy.Fuzz.Laws;

/// <summary>An input breaks a law: the parser is wrong, or the law is.</summary>
/// <param name="law">The law, as a sentence that is false for this input.</param>
internal sealed class LawBrokenException(string law) : Exception(law);
