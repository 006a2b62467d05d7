using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>What became of one request: the answer the client got and the flow the gate left. Immutable.</summary>
/// <param name="Request">The request.</param>
/// <param name="Answer">Status code, or <see cref="DemoRequest.Reset"/>.</param>
/// <param name="Flow">The flow that judged it; null would be a defect.</param>
internal sealed record DemoResult(DemoRequest Request, string Answer, FlowRecord? Flow)
{
    /// <summary>True if client and flow both say what the policy says.</summary>
    public bool IsAsExpected => Answer == Request.Expected && Flow is not null && (Flow.Verdict == FlowVerdict.Forwarded) == Request.IsAllowed;

    /// <summary>The flow's verdict as Hubble writes it.</summary>
    public string Verdict => Flow?.Verdict.ToString().ToUpperInvariant() ?? "NO FLOW";

    /// <summary>The rule that decided, the nearest one, or the one that switched default deny on.</summary>
    public RuleOrigin? Rule => Flow?.Rule ?? Flow?.Nearest?.Rule ?? (Flow?.Selecting is [var first, ..] ? first : null);

    /// <summary>One line: by which rule, or why not.</summary>
    public string Why
    {
        get
        {
            if (Flow is null)
            {
                return "the gate left no flow";
            }

            var place = Rule is { } rule ? $"{rule.RulePath} ({Path.GetFileName(rule.File)}:{rule.Line})" : string.Empty;
            return Request.IsAllowed && Flow.Rule is not null ? $"allowed by {place}"
                : Flow.Nearest is { } nearest ? $"{nearest.Missed}; nearest {place}"
                : Flow.Rule is not null ? $"{ReasonText.Of(Flow.Reason)}: {place}"
                : place.Length > 0 ? $"{ReasonText.Of(Flow.Reason)}; switched on by {place}"
                : ReasonText.Of(Flow.Reason);
        }
    }
}
