namespace PolicyProxy.Gate;

/// <summary>The rule behind a verdict: which object, which rule in it, and the line to open in an editor. Immutable, shared.</summary>
/// <param name="Kind">Kubernetes kind of the policy, for example <c>CiliumNetworkPolicy</c>.</param>
/// <param name="Namespace">Namespace; empty for clusterwide policies.</param>
/// <param name="Policy">Name of the policy object.</param>
/// <param name="RulePath">Path of the rule, for example <c>spec.ingress[0].toPorts[0].rules.http[1]</c>.</param>
/// <param name="File">File as the user named it.</param>
/// <param name="Line">1-based line.</param>
/// <param name="Column">1-based column.</param>
public sealed record RuleOrigin(string Kind, string Namespace, string Policy, string RulePath, string File, int Line, int Column)
{
    /// <summary>The rule's <c>log.value</c>, copied to the flow's policy log; null when not given.</summary>
    public string? LogValue { get; init; }

    /// <summary><c>Kind/namespace/name rule.path (file:line)</c>.</summary>
    public override string ToString() =>
        $"{Kind}/{(Namespace.Length == 0 ? Policy : Namespace + "/" + Policy)} {RulePath} ({File}:{Line})";
}

/// <summary>What to do to a request header before it is forwarded (semantics 5.4).</summary>
public enum HeaderEditKind : byte
{
    /// <summary>Append a line.</summary>
    Add,

    /// <summary>Remove every line of that name.</summary>
    Delete,

    /// <summary>Remove every line of that name and add one with the value.</summary>
    Replace,
}

/// <summary>One header edit. Apply in order.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Name">Lower-case field name.</param>
/// <param name="Value">Value for Add and Replace; empty for Delete. May be a secret: never log it.</param>
public sealed record HeaderEdit(HeaderEditKind Kind, string Name, string Value)
{
    /// <summary>True if the value is that of a Secret.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Kind and name; never the value.</summary>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>The answer of the gate. <c>default(Verdict)</c> is a denial. Immutable; copying is cheap; nothing is allocated for it.</summary>
public readonly struct Verdict
{
    private readonly RuleOrigin? _rule;
    private readonly IReadOnlyList<HeaderEdit>? _edits;
    private readonly VerdictReason _reason;
    private readonly bool _allowed;
    private readonly bool _audited;

    internal Verdict(bool allowed, VerdictReason reason, RuleOrigin? rule = null, bool audited = false, IReadOnlyList<HeaderEdit>? edits = null)
    {
        _allowed = allowed;
        _reason = reason;
        _rule = rule;
        _audited = audited;
        _edits = edits;
    }

    /// <summary>True if the traffic goes on. An audited denial is allowed.</summary>
    public bool Allowed => _allowed;

    /// <summary>True if an audit setting let through what would have been denied; <see cref="Reason"/> says why it would have been.</summary>
    public bool Audited => _audited;

    /// <summary>Why.</summary>
    public VerdictReason Reason => _reason;

    /// <summary>The rule that decided; null when no rule did (default deny, not enforced).</summary>
    public RuleOrigin? Rule => _rule;

    /// <summary>Header edits to apply before forwarding; empty for most verdicts.</summary>
    public IReadOnlyList<HeaderEdit> HeaderEdits => _edits ?? [];

    internal Verdict WithReason(VerdictReason reason, RuleOrigin? rule) => new(_allowed, reason, rule, _audited, _edits);

    internal Verdict AsAudit() => new(true, _reason, _rule, audited: true, _edits);

    /// <summary>True for a connection whose requests must be judged one by one.</summary>
    public bool NeedsRequestCheck => _reason == VerdictReason.Redirected;
}
