namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Where a direction rule stands, as far as its validity depends on it.</summary>
/// <param name="IsEgress">The rule is in egress or egressDeny.</param>
/// <param name="IsDeny">The rule is in ingressDeny or egressDeny.</param>
/// <param name="IsNodePolicy">The subject is a node.</param>
/// <param name="IsExtension">The object is of a policyproxy.dev kind.</param>
/// <param name="IsTranslated">The rule was made from a NetworkPolicy; hints about how it is written would not help.</param>
internal readonly record struct DirectionRuleContext(bool IsEgress, bool IsDeny, bool IsNodePolicy, bool IsExtension, bool IsTranslated)
{
    /// <summary><c>from</c> or <c>to</c>, the prefix of the peer fields.</summary>
    public string Side => IsEgress ? "to" : "from";
}
