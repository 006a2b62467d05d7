using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Testing;

/// <summary>What one workload may do and what others may do to it. Every assertion that fails throws with the rules that were tried.</summary>
public sealed class WorkloadUnderTest
{
    private readonly PoliciesUnderTest _policies;
    private readonly string _labels;
    private readonly Identity _subject;

    internal WorkloadUnderTest(PoliciesUnderTest policies, string labels, Identity subject)
    {
        _policies = policies;
        _labels = labels;
        _subject = subject;
    }

    /// <summary>The workload may make this call: <c>GET https://api.example.com/orders</c>, <c>GRPC http://cart:5000/shop.Cart/GetItem</c>, <c>tcp://db:5432</c>.</summary>
    /// <exception cref="PolicyAssertionException">It may not.</exception>
    public void MayCall(string call) => Assert(call, Explain(call), isAllowed: true, $"{_labels} may not make the call");

    /// <summary>The workload may not make this call.</summary>
    /// <exception cref="PolicyAssertionException">It may.</exception>
    public void MayNotCall(string call) => Assert(call, Explain(call), isAllowed: false, $"{_labels} may make the call");

    /// <summary>
    /// The workload may make these calls, and nothing else is meant to be allowed: its egress is denied by default, no rule is there for another call, and
    /// calls near these are denied: by another method, to another path, host or port, without TLS. A sample, no proof: a pattern may allow what no list names.
    /// </summary>
    /// <exception cref="PolicyAssertionException">It is otherwise; the message says which call or rule.</exception>
    public void MayOnlyCall(params IEnumerable<string> calls)
    {
        var listed = calls.ToList();
        listed.ForEach(MayCall);
        if (_policies.Gate.AllowsOf(_subject, TrafficDirection.Egress) is not { } rules)
        {
            throw new PolicyAssertionException($"{_labels}: no policy denies egress by default");
        }

        var used = listed.Select(Explain).SelectMany(static explanation => explanation.Steps)
            .Where(static step => step.Outcome is StepOutcome.Allows or StepOutcome.Redirects && step.Rule is not null).Select(static step => step.Rule!).ToHashSet();
        if (rules.FirstOrDefault(rule => !used.Contains(rule)) is { } unused)
        {
            throw new PolicyAssertionException($"{_labels}: a rule allows calls that are not listed: {unused}");
        }

        foreach (var near in NearbyCalls.Of(listed))
        {
            Assert(near, Explain(near), isAllowed: false, $"{_labels} may make a call that is not listed");
        }
    }

    /// <summary>Another workload may make this call to this one; its host is the Host field, its port the one the policies speak of.</summary>
    /// <param name="labels">Labels of the caller.</param>
    /// <param name="call">The call.</param>
    /// <param name="space">Namespace of the caller.</param>
    /// <exception cref="PolicyAssertionException">It may not.</exception>
    public void MayBeCalledBy(string labels, string call, string space = "default") =>
        Assert(call, ExplainCallBy(labels, call, space), isAllowed: true, $"{labels} may not make the call to {_labels}");

    /// <summary>Another workload may not make this call to this one.</summary>
    /// <param name="labels">Labels of the caller.</param>
    /// <param name="call">The call.</param>
    /// <param name="space">Namespace of the caller.</param>
    /// <exception cref="PolicyAssertionException">It may.</exception>
    public void MayNotBeCalledBy(string labels, string call, string space = "default") =>
        Assert(call, ExplainCallBy(labels, call, space), isAllowed: false, $"{labels} may make the call to {_labels}");

    /// <summary>Every step of the verdict on a call of the workload.</summary>
    public Explanation Explain(string call)
    {
        var planned = PlannedCall.Parse(call);
        var (address, peer) = _policies.AddressOf(planned.Uri);
        return Explain(planned, new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = _subject,
            Protocol = TransportProtocol.Tcp,
            Port = (ushort)planned.Uri.Port,
            Peer = peer,
            Destination = new IPEndPoint(address, planned.Uri.Port),
            BindsNames = true,
            PeerNameIsVerified = planned.IsTls,
        });
    }

    /// <summary>Every step of the verdict on a call of another workload to this one.</summary>
    /// <param name="labels">Labels of the caller.</param>
    /// <param name="call">The call.</param>
    /// <param name="space">Namespace of the caller.</param>
    public Explanation ExplainCallBy(string labels, string call, string space = "default")
    {
        var planned = PlannedCall.Parse(call);
        return Explain(planned, new ConnectionTuple
        {
            Direction = TrafficDirection.Ingress,
            Subject = _subject,
            Protocol = TransportProtocol.Tcp,
            Port = (ushort)planned.Uri.Port,
            Peer = _policies.Identity(labels, space),
        });
    }

    private static void Assert(string call, Explanation explanation, bool isAllowed, string failure)
    {
        if (explanation.Final.Allowed != isAllowed)
        {
            var nearest = explanation.Nearest is { } rule ? $"\n  nearest: {rule.Rule}: {rule.Missed}" : string.Empty;
            var steps = string.Join('\n', explanation.Steps.Select(static step => $"  {step.Stage}: {(step.Rule is null ? string.Empty : $"{step.Rule} ")}{step.Text}"));
            throw new PolicyAssertionException($"{failure}: {call}{nearest}\n{steps}");
        }
    }

    private Explanation Explain(PlannedCall call, in ConnectionTuple connection) =>
        _policies.Gate.Explain(connection, call.IsRequest ? call : null, call.IsTls ? HostName.Of(call.Authority).ToString() : null);
}
