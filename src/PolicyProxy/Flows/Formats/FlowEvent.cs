using PolicyProxy.Gate;

namespace PolicyProxy.Flows.Formats;

/// <summary>Kind of a Hubble event (numbers of Cilium's monitor messages).</summary>
internal enum FlowEventKind
{
    /// <summary>A refused connection, as the datapath reports the dropped packet.</summary>
    Drop = 1,

    /// <summary>The verdict on a connection.</summary>
    PolicyVerdict = 5,

    /// <summary>A request or response.</summary>
    AccessLog = 129,
}

/// <summary>One event of Hubble's view. A flow is one event, a refused connection two: the verdict and the drop (semantics 9.2).</summary>
internal readonly record struct FlowEvent(FlowRecord Flow, FlowEventKind Kind)
{
    /// <summary>The event that carries the flow.</summary>
    public static FlowEvent Of(FlowRecord flow) => new(flow, Main(flow));

    /// <summary>The drop event that follows the verdict of a refused connection; false for every other flow.</summary>
    public static bool TryGetDrop(FlowRecord flow, out FlowEvent drop)
    {
        drop = new FlowEvent(flow, FlowEventKind.Drop);
        return flow.Verdict == FlowVerdict.Dropped && Main(flow) == FlowEventKind.PolicyVerdict;
    }

    /// <summary>Null where Hubble leaves the direction of the packet open: drops.</summary>
    public bool? IsReply => Kind == FlowEventKind.Drop ? null : Flow.IsReply;

    /// <summary>Unique id; the drop event of a connection differs from its verdict in the last bit.</summary>
    public Guid Uuid
    {
        get
        {
            if (Kind != FlowEventKind.Drop || Flow.Uuid == Guid.Empty)
            {
                return Flow.Uuid;
            }

            Span<byte> bytes = stackalloc byte[16];
            Flow.Uuid.TryWriteBytes(bytes);
            bytes[15] ^= 1;
            return new Guid(bytes);
        }
    }

    /// <summary>Why it was dropped; null unless it was.</summary>
    public DropReason? DropReason => Flow.Verdict == FlowVerdict.Dropped ? DropReason.Of(Flow.Reason) : null;

    /// <summary>The policy match type; only verdict events have one.</summary>
    public PolicyMatch Match => Kind != FlowEventKind.PolicyVerdict ? PolicyMatch.None
        : Flow is { Match: PolicyMatch.None, Reason: VerdictReason.NotEnforced or VerdictReason.AllowedByDefault } ? PolicyMatch.All
        : Flow.Match;

    /// <summary>The rule to report as the one that allowed; null on a denial whose connection was allowed, which readers would misread.</summary>
    public RuleOrigin? AllowedBy =>
        Flow.Verdict is FlowVerdict.Forwarded or FlowVerdict.Redirected && Flow.Reason is VerdictReason.AllowedByRule or VerdictReason.Redirected
            ? Flow.Rule
            : null;

    /// <summary>The rule to report as the one that denied, or would have under audit.</summary>
    public RuleOrigin? DeniedBy => Flow.Verdict is FlowVerdict.Dropped or FlowVerdict.Audit or FlowVerdict.Error ? Flow.Rule : null;

    private static FlowEventKind Main(FlowRecord flow) => flow switch
    {
        { Type: FlowType.L7 } => FlowEventKind.AccessLog,
        { Verdict: FlowVerdict.Dropped, Reason: VerdictReason.AuthenticationRequired or VerdictReason.CertificateRefused } => FlowEventKind.Drop,
        _ => FlowEventKind.PolicyVerdict,
    };
}
