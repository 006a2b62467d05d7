using System.Net;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>A policy in tables of the kernel that nothing uses yet. Disposing gives the descriptors back; what was published stays.</summary>
internal sealed class KernelTables : IDisposable
{
    private const uint RuleHeadBits = 48;
    private const uint PortBits = 16;
    private const uint AddressBits = 128;
    private const uint OwnAddress = 0x8000_0000; // OWN_ADDRESS of bpf/redirect.h

    private readonly BpfPrefixTable<KernelPrefix> _peers;
    private readonly BpfPrefixTable<KernelRule> _rules;

    /// <summary>Fills new tables.</summary>
    /// <exception cref="ShimException">The kernel has no memory or no right for them.</exception>
    public KernelTables(KernelPolicy policy)
    {
        _peers = new BpfPrefixTable<KernelPrefix>("pp_peers", policy.Peers.Count);
        _rules = new BpfPrefixTable<KernelRule>("pp_rules", policy.Rules.Count);
        try
        {
            foreach (var (prefix, group, isOwn) in policy.Peers)
            {
                _peers.Map.Set(prefix, isOwn ? group | OwnAddress : group);
            }

            foreach (var (rule, verdict) in policy.Rules)
            {
                _rules.Map.Set(rule, (uint)verdict);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int PeersDescriptor => _peers.Map.Descriptor;

    public int RulesDescriptor => _rules.Map.Descriptor;

    /// <summary>The verdict as the programs look it up: the kernel's own longest match, twice.</summary>
    public KernelVerdict Decide(TrafficDirection direction, TransportProtocol protocol, IPAddress peer, int port)
    {
        var address = new KernelPrefix { Length = AddressBits, Address = KernelAddress.Of(peer) };
        if (!_peers.Map.TryGet(address, out var group))
        {
            return KernelVerdict.Deny;
        }

        var rule = RuleKey(group & ~OwnAddress, direction, protocol, port, (int)PortBits);
        return _rules.Map.TryGet(rule, out var verdict) ? (KernelVerdict)verdict : KernelVerdict.Deny;
    }

    public void Dispose()
    {
        _peers.Dispose();
        _rules.Dispose();
    }

    /// <summary>The key of ports that share their first bits.</summary>
    internal static KernelRule RuleKey(uint group, TrafficDirection direction, TransportProtocol protocol, int port, int portBits) => new()
    {
        Length = RuleHeadBits + (uint)portBits,
        Peers = group,
        Direction = direction == TrafficDirection.Egress ? (byte)0 : (byte)1,
        Protocol = (byte)protocol,
        Port = NetworkOrder.Of(port),
    };
}
