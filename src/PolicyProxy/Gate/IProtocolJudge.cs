using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>How one kind of request is decided by one connection policy. Pure; implementations are types only, never instances.</summary>
internal interface IProtocolJudge<TRequest>
    where TRequest : allows ref struct
{
    static abstract Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request);

    /// <summary>The name of the peer that the request shows, any case; empty if it shows none.</summary>
    static abstract ReadOnlySpan<char> NameIn(in TRequest request);
}

/// <summary>What every judgement of a request shares: a refused connection refuses, and audited policies are judged beside the enforced ones.</summary>
internal static class RequestJudge
{
    public static Verdict Judge<TJudge, TRequest>(in ConnectionPermit permit, in TRequest request)
        where TJudge : IProtocolJudge<TRequest>
        where TRequest : allows ref struct
    {
        if (permit.Policy is not { } policy)
        {
            return default;
        }

        if (permit.Unnamed is not null)
        {
            return NamedJudge<TJudge, TRequest>.Judge(permit, request);
        }

        return JudgeBy<TJudge, TRequest>(policy, permit, request);
    }

    /// <summary>Judges by the permit's policy, or by the part of it that is for one name.</summary>
    public static Verdict JudgeBy<TJudge, TRequest>(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request)
        where TJudge : IProtocolJudge<TRequest>
        where TRequest : allows ref struct
    {
        if (policy.IsSimple)
        {
            var verdict = Judge<TJudge, TRequest>(policy, permit, request);
            return verdict.Allowed ? verdict : permit.Apply(verdict, verdict);
        }

        if (!permit.IsAllowed)
        {
            return permit.Verdict;
        }

        var full = Judge<TJudge, TRequest>(policy, permit, request);
        var enforced = policy.Enforced is { } other ? Judge<TJudge, TRequest>(other, permit, request) : full;
        return permit.Apply(enforced, full);
    }

    private static Verdict Judge<TJudge, TRequest>(ConnectionPolicy policy, in ConnectionPermit permit, in TRequest request)
        where TJudge : IProtocolJudge<TRequest>
        where TRequest : allows ref struct =>
        policy.Admitted && policy.Kind != L7Kind.None ? TJudge.Judge(policy, permit, request) : policy.Verdict;
}
