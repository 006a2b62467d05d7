using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>The answer to one <see cref="ExplainQuestion"/>. Immutable.</summary>
internal sealed record ExplainAnswer(ExplainQuestion Question, Explanation Walk, Verdict Final, NearestRule? Nearest)
{
    /// <summary>The flow's word: FORWARDED, AUDIT or DROPPED.</summary>
    public string Word => WordFor(Final);

    public static string WordFor(in Verdict verdict) => verdict.Audited ? "AUDIT" : verdict.Allowed ? "FORWARDED" : "DROPPED";
}
