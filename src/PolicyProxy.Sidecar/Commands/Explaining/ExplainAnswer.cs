using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>What would become of a request beside the one that was asked about. Immutable.</summary>
/// <param name="Text">The request.</param>
/// <param name="Final">The verdict.</param>
/// <param name="Nearest">The rule that came nearest, if it is denied.</param>
internal sealed record OtherAnswer(string Text, Verdict Final, NearestRule? Nearest);

/// <summary>The answer to one <see cref="ExplainQuestion"/>. Immutable.</summary>
internal sealed record ExplainAnswer(ExplainQuestion Question, Explanation Walk, Verdict Final, NearestRule? Nearest)
{
    /// <summary>Requests that clients send around it, each with what would become of it.</summary>
    public IReadOnlyList<OtherAnswer> Others { get; init; } = [];

    /// <summary>What becomes of TLS around it; empty without.</summary>
    public string Tls { get; init; } = string.Empty;

    /// <summary>The flow's word: FORWARDED, AUDIT or DROPPED.</summary>
    public string Word => WordFor(Final);

    public static string WordFor(in Verdict verdict) => verdict.Audited ? "AUDIT" : verdict.Allowed ? "FORWARDED" : "DROPPED";
}
