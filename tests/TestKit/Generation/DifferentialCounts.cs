using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>What a run has seen; tells whether the random cases are worth anything.</summary>
internal sealed class DifferentialCounts
{
    public long Flows { get; private set; }

    public long Policies { get; set; }

    public long RejectedPolicies { get; set; }

    public long Allowed { get; private set; }

    public long L7Allowed { get; private set; }

    public long L7Denied { get; private set; }

    public long Errors { get; private set; }

    public long NotEnforced { get; private set; }

    public void Add(FlowAnswer answer)
    {
        Flows++;
        Allowed += answer.Verdict == "allowed" ? 1 : 0;
        Errors += answer.Verdict == "error" ? 1 : 0;
        L7Allowed += answer.L7 == "allowed" ? 1 : 0;
        L7Denied += answer.L7 == "denied" ? 1 : 0;
        NotEnforced += answer.Enforced ? 0 : 1;
    }

    public override string ToString() =>
        $"{Flows} flows: {Percent(Allowed)} allowed, {Percent(L7Allowed)} allowed and {Percent(L7Denied)} denied by a request rule, " +
        $"{Percent(NotEnforced)} not enforced, {Percent(Errors)} conflicts; {Policies} policies, {RejectedPolicies} not valid";

    private string Percent(long count) => $"{(Flows == 0 ? 0 : 100.0 * count / Flows):0.0}%";
}
