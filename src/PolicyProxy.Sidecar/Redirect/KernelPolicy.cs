using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// One subject's policy as the kernel's tables have it: addresses to groups of peers that policy treats alike, and for each group what
/// happens on which ports. Made by asking the engine, so the kernel cannot mean something else than the gate. One thread at a time.
/// </summary>
internal sealed class KernelPolicy
{
    private static readonly TransportProtocol[] s_protocols =
        [TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Icmp, TransportProtocol.IcmpV6];

    private readonly EngineState _state;
    private readonly Identity _subject;
    private readonly bool _audit;
    private readonly List<(PeerSelector Selector, int[] Shapes)> _selectors = [];
    private readonly Dictionary<Identity, uint> _groupOf = [];
    private readonly Dictionary<string, uint> _groupOfSelection = new(StringComparer.Ordinal);
    private readonly Dictionary<string, uint> _groups = new(StringComparer.Ordinal);
    private readonly List<(KernelRule Rule, KernelVerdict Verdict)> _rules = [];
    private readonly List<(KernelPrefix Prefix, uint Group, bool IsOwn)> _peers = [];

    private KernelPolicy(EngineState state, Identity subject, bool audit)
    {
        _state = state;
        _subject = subject;
        _audit = audit;
        if (state is not null)
        {
            FindSelectors();
        }
    }

    /// <summary>Addresses, the group of each, and whether it is this machine's; the longest prefix decides.</summary>
    public IReadOnlyList<(KernelPrefix Prefix, uint Group, bool IsOwn)> Peers => _peers;

    /// <summary>What is not denied: group, direction, protocol and ports. No two overlap.</summary>
    public IReadOnlyList<(KernelRule Rule, KernelVerdict Verdict)> Rules => _rules;

    /// <summary>True if some peer may be sent ICMP.</summary>
    public bool AllowsPing { get; private set; }

    /// <summary>True if inbound connections of some peer need layer 7.</summary>
    public bool NeedsIngressProxy { get; private set; }

    /// <summary>Compiles the policy of a subject.</summary>
    /// <param name="state">The snapshots to read; null = nothing is loaded, everything is denied.</param>
    /// <param name="subject">The workload.</param>
    /// <param name="audit">True lets denials through.</param>
    public static KernelPolicy Compile(EngineState? state, Identity subject, bool audit)
    {
        var policy = new KernelPolicy(state!, subject, audit);
        if (state is null)
        {
            return policy;
        }

        foreach (var (bits, length, identity) in state.Identities.Prefixes())
        {
            policy._peers.Add((new KernelPrefix { Length = (uint)length, Address = KernelAddress.Of(bits) }, policy.GroupOf(identity), identity.IsHost));
        }

        return policy;
    }

    /// <summary>The group of a peer that has become known since; the rules of a new group are added to <see cref="Rules"/>, at the end.</summary>
    public uint Extend(Identity peer) => _state is null ? 0 : GroupOf(peer);

    private uint GroupOf(Identity peer)
    {
        if (_groupOf.TryGetValue(peer, out var known))
        {
            return known;
        }

        // Peers whose entries differ in nothing but the selector are treated alike, so one of them is asked about.
        var selection = Selection(peer);
        if (_groupOfSelection.TryGetValue(selection, out known))
        {
            return _groupOf[peer] = known;
        }

        var group = GroupOfRanges(peer);
        _groupOfSelection[selection] = group;
        return _groupOf[peer] = group;
    }

    // Entries of equal shape decide connections alike: thousands of networks with the same ports have one shape a port.
    private void FindSelectors()
    {
        var shapes = new Dictionary<object, int>();
        var selectors = new Dictionary<string, (PeerSelector Selector, SortedSet<int> Shapes)>(StringComparer.Ordinal);
        foreach (var direction in (ReadOnlySpan<TrafficDirection>)[TrafficDirection.Egress, TrafficDirection.Ingress])
        {
            foreach (var (isEnforced, entry) in Entries(direction))
            {
                var shape = (direction, isEnforced, entry.Port, entry.Precedence, entry.Policy.Deny, entry.Policy.Parser, entry.Policy.Authentication, entry.DefaultTier);
                if (!shapes.TryGetValue(shape, out var number))
                {
                    shapes[shape] = number = shapes.Count;
                }

                if (!selectors.TryGetValue(entry.Selector.Text, out var known))
                {
                    selectors[entry.Selector.Text] = known = (entry.Selector, []);
                }

                known.Shapes.Add(number);
            }
        }

        _selectors.AddRange(selectors.Values.Select(static known => (known.Selector, known.Shapes.ToArray())));
    }

    private string Selection(Identity peer)
    {
        var shapes = new SortedSet<int>();
        foreach (var (selector, members) in _selectors)
        {
            if (selector.Selects(peer))
            {
                shapes.UnionWith(members);
            }
        }

        return $"{string.Join(',', peer.NamedPorts)}|{string.Join(',', shapes)}";
    }

    private uint GroupOfRanges(Identity peer)
    {
        var ranges = new List<(TrafficDirection Direction, TransportProtocol Protocol, int First, int Last, KernelVerdict Verdict)>();
        foreach (var direction in (ReadOnlySpan<TrafficDirection>)[TrafficDirection.Egress, TrafficDirection.Ingress])
        {
            foreach (var protocol in s_protocols)
            {
                ranges.AddRange(Ranges(direction, protocol, peer).Select(range => (direction, protocol, range.First, range.Last, range.Verdict)));
            }
        }

        var signature = string.Join(';', ranges);
        if (!_groups.TryGetValue(signature, out var group))
        {
            _groups[signature] = group = (uint)_groups.Count + 1;
            foreach (var (direction, protocol, first, last, verdict) in ranges)
            {
                AddRules(group, direction, protocol, first, last, verdict);
            }
        }

        return group;
    }

    // Those of all policies, then those that are not only audited.
    private IEnumerable<(bool IsEnforced, PolicyMapEntry Entry)> Entries(TrafficDirection direction)
    {
        var policy = _state.Policy.For(_subject);
        return policy.Of(direction).Entries.Select(static entry => (false, entry))
            .Concat((policy.Enforced?.Of(direction).Entries ?? []).Select(static entry => (true, entry)));
    }

    // Ports between two boundaries are treated alike, so one question answers for all of them.
    private IEnumerable<(int First, int Last, KernelVerdict Verdict)> Ranges(TrafficDirection direction, TransportProtocol protocol, Identity peer)
    {
        var end = protocol is TransportProtocol.Tcp or TransportProtocol.Udp ? ushort.MaxValue : byte.MaxValue;
        var starts = Boundaries(direction, protocol, direction == TrafficDirection.Ingress ? _subject : peer, end);
        var first = 0;
        var current = Judge(direction, protocol, peer, 0);
        foreach (var start in starts)
        {
            var verdict = Judge(direction, protocol, peer, start);
            if (verdict == current)
            {
                continue;
            }

            if (current != KernelVerdict.Deny)
            {
                yield return (first, start - 1, current);
            }

            (first, current) = (start, verdict);
        }

        if (current != KernelVerdict.Deny)
        {
            yield return (first, end, current);
        }
    }

    private SortedSet<int> Boundaries(TrafficDirection direction, TransportProtocol protocol, Identity portOwner, int end)
    {
        var starts = new SortedSet<int>();
        foreach (var (_, entry) in Entries(direction))
        {
            var port = entry.Port;
            if (port.Protocol != protocol)
            {
                continue;
            }

            if (port.Name is not null)
            {
                foreach (var named in portOwner.NamedPorts)
                {
                    starts.Add(named.Port);
                    starts.Add(named.Port + 1);
                }
            }
            else if (port.Port != 0 || !IsPort(protocol))
            {
                starts.Add(port.Port);
                starts.Add((port.EndPort == 0 ? port.Port : port.EndPort) + 1);
            }
        }

        return starts.GetViewBetween(1, end);
    }

    private static bool IsPort(TransportProtocol protocol) => protocol is TransportProtocol.Tcp or TransportProtocol.Udp;

    private KernelVerdict Judge(TrafficDirection direction, TransportProtocol protocol, Identity peer, int port)
    {
        var permit = new ConnectionPermit
        {
            Tuple = new ConnectionTuple
            {
                Direction = direction,
                Subject = _subject,
                Protocol = protocol,
                Port = (ushort)port,
                Peer = peer,
                Audit = _audit,
            },
        };
        permit.JudgeBy(_state);
        if (protocol == TransportProtocol.Udp && permit is { Kind: L7Kind.Name, Unnamed: { } unnamed })
        {
            (permit.Policy, permit.Unnamed) = (unnamed, null); // a datagram shows no name that anybody here could read
        }

        return !permit.IsAllowed ? KernelVerdict.Deny : permit.Kind == L7Kind.None ? KernelVerdict.Allow : KernelVerdict.Proxy;
    }

    private void AddRules(uint group, TrafficDirection direction, TransportProtocol protocol, int first, int last, KernelVerdict verdict)
    {
        AllowsPing |= !IsPort(protocol) && direction == TrafficDirection.Egress && verdict == KernelVerdict.Allow;
        NeedsIngressProxy |= protocol == TransportProtocol.Tcp && direction == TrafficDirection.Ingress && verdict == KernelVerdict.Proxy;
        if (!IsPort(protocol) && last == byte.MaxValue)
        {
            last = ushort.MaxValue; // one prefix instead of eight; types end at 255 anyway
        }

        foreach (var (port, length) in PortPrefixes.Of(first, last))
        {
            _rules.Add((KernelTables.RuleKey(group, direction, protocol, port, length), verdict));
        }
    }
}
