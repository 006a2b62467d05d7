using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows;

/// <summary>What a flow reports (Hubble's Verdict enumeration, same numbers).</summary>
public enum FlowVerdict
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>Let through.</summary>
    Forwarded = 1,

    /// <summary>Refused.</summary>
    Dropped = 2,

    /// <summary>Judging or forwarding failed.</summary>
    Error = 3,

    /// <summary>Let through by an audit setting; would have been dropped.</summary>
    Audit = 4,

    /// <summary>Connection admitted; its requests are judged one by one.</summary>
    Redirected = 5,
}

/// <summary>The layer a flow speaks of (Hubble's FlowType).</summary>
public enum FlowType
{
    /// <summary>A connection.</summary>
    L3L4 = 1,

    /// <summary>A request or a response.</summary>
    L7 = 2,
}

/// <summary>On what a connection matched its policy entry (Hubble's policy match type, same numbers).</summary>
public enum PolicyMatch : byte
{
    /// <summary>No entry matched, or not known.</summary>
    None = 0,

    /// <summary>The peer.</summary>
    L3Only = 1,

    /// <summary>The peer and the port.</summary>
    L3L4 = 2,

    /// <summary>The port, any peer.</summary>
    L4Only = 3,

    /// <summary>Everything is let through.</summary>
    All = 4,

    /// <summary>The peer and the transport protocol.</summary>
    L3Protocol = 5,

    /// <summary>The transport protocol, any peer.</summary>
    ProtocolOnly = 6,
}

/// <summary>One end of a flow. Immutable.</summary>
/// <param name="Address">IP address and port; null when not known.</param>
/// <param name="Identity">Identity; null when not known.</param>
/// <param name="PodName">Pod or workload name; empty when not known.</param>
public sealed record FlowEndpoint(IPEndPoint? Address, Identity? Identity, string PodName)
{
    /// <summary>DNS names known for the address.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>One verdict, as observers see it. Immutable, safe to keep. Made only if somebody listens.</summary>
public sealed record FlowRecord
{
    /// <summary>When the verdict was given, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Unique id of the record.</summary>
    public Guid Uuid { get; init; }

    /// <summary>Connection or request.</summary>
    public required FlowType Type { get; init; }

    /// <summary>What happened.</summary>
    public required FlowVerdict Verdict { get; init; }

    /// <summary>Why.</summary>
    public required VerdictReason Reason { get; init; }

    /// <summary>Direction seen from the subject.</summary>
    public required TrafficDirection Direction { get; init; }

    /// <summary>Transport protocol.</summary>
    public TransportProtocol Protocol { get; init; } = TransportProtocol.Tcp;

    /// <summary>True for a response: source and destination are swapped with respect to the request.</summary>
    public bool IsReply { get; init; }

    /// <summary>The sending end.</summary>
    public required FlowEndpoint Source { get; init; }

    /// <summary>The receiving end.</summary>
    public required FlowEndpoint Destination { get; init; }

    /// <summary>The rule that decided; null for default deny and where nothing is enforced.</summary>
    public RuleOrigin? Rule { get; init; }

    /// <summary>For a denial without a deciding rule: the rule that came nearest, and the part of it that missed.</summary>
    public NearestRule? Nearest { get; init; }

    /// <summary>Policies that put the subject under default deny in this direction; only filled for default denials.</summary>
    public IReadOnlyList<RuleOrigin> Selecting { get; init; } = [];

    /// <summary>Revision of the policy snapshot that judged.</summary>
    public ulong PolicyRevision { get; init; }

    /// <summary>The request or response; null for connections.</summary>
    public L7Record? L7 { get; init; }

    /// <summary>What the connection matched on; only for connections. <see cref="PolicyMatch.All"/> is reported where nothing is enforced.</summary>
    public PolicyMatch Match { get; init; }

    /// <summary>The process behind the connection; null when not known.</summary>
    public WorkloadProcess? Process { get; init; }

    /// <summary>W3C trace id of the request, 32 hex digits; empty when there is none.</summary>
    public string TraceId { get; init; } = string.Empty;

    /// <summary>Extra text: an error, or what made a request ambiguous; empty for most flows.</summary>
    public string Note { get; init; } = string.Empty;
}

/// <summary>The rule nearest to a denied request.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Missed">Which part missed, for example <c>method "GET" does not match "POST"</c>.</param>
public sealed record NearestRule(RuleOrigin Rule, string Missed);
