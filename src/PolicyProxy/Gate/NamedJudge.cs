using System.Text;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Gate;

/// <summary>
/// Judges on connections that <c>toFQDNs</c> admits, by the rules for the name that is shown (ADR-0008). Rules for other names on the same
/// address do not count, whatever they allow; rules that are for addresses do.
/// </summary>
internal static class NamedJudge<TJudge, TRequest>
    where TJudge : IProtocolJudge<TRequest>
    where TRequest : allows ref struct
{
    public static Verdict Judge(in ConnectionPermit permit, in TRequest request)
    {
        Span<char> buffer = stackalloc char[FqdnPattern.MaxChars];
        var shown = FqdnPattern.WithoutFinalDot(TJudge.NameIn(request));
        if (shown.IsEmpty)
        {
            shown = permit.TlsName; // the request shows none, but its connection did
        }

        var isReadable = Ascii.ToLower(shown, buffer, out var length) == System.Buffers.OperationStatus.Done;
        var narrowed = permit;
        narrowed.Policy = isReadable ? permit.PolicyFor(buffer[..length]) : permit.Unnamed!;
        narrowed.Unnamed = null;
        var verdict = RequestJudge.JudgeBy<TJudge, TRequest>(narrowed.Policy, narrowed, request);

        // Without the rules of other names nothing admits the connection: say that, and which rule would for them.
        return verdict.Reason == VerdictReason.DefaultDeny
            ? verdict.WithReason(shown.IsEmpty ? VerdictReason.NameNotVisible : VerdictReason.NameNotAllowed, permit.Verdict.Rule)
            : verdict;
    }
}
