using System.Net;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>A policy in tables of the kernel. Disposing gives the descriptors of tables made for it back; what was published stays.</summary>
internal sealed class KernelTables : IDisposable
{
    // Room for addresses that become known while the policy is in force; empty room takes no memory.
    private const int Spare = 1 << 20;

    private const uint RuleHeadBits = 48;
    private const uint PortBits = 16;
    private const uint AddressBits = 128;
    private const uint OwnAddress = 0x8000_0000; // OWN_ADDRESS of bpf/redirect.h

    private readonly BpfMap<KernelPrefix, uint> _peers;
    private readonly BpfMap<KernelRule, uint> _rules;
    private readonly IDisposable[] _own;

    /// <summary>Fills new tables.</summary>
    /// <exception cref="ShimException">The kernel has no memory or no right for them.</exception>
    public KernelTables(KernelPolicy policy)
    {
        var peers = new BpfPrefixTable<KernelPrefix>("pp_peers", policy.Peers.Count + Spare);
        var rules = new BpfPrefixTable<KernelRule>("pp_rules", policy.Rules.Count + Spare);
        (_peers, _rules, _own) = (peers.Map, rules.Map, [peers, rules]);
        try
        {
            Fill(policy);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Fills tables that are there and empty.</summary>
    /// <exception cref="ShimException">The kernel has no memory for it; the tables are filled in part.</exception>
    public KernelTables(KernelPolicy policy, BpfMap<KernelPrefix, uint> peers, BpfMap<KernelRule, uint> rules)
    {
        (_peers, _rules, _own) = (peers, rules, []);
        Fill(policy);
    }

    public int PeersDescriptor => _peers.Descriptor;

    public int RulesDescriptor => _rules.Descriptor;

    /// <summary>The verdict as the programs look it up: the kernel's own longest match, twice.</summary>
    public KernelVerdict Decide(TrafficDirection direction, TransportProtocol protocol, IPAddress peer, int port)
    {
        var address = new KernelPrefix { Length = AddressBits, Address = KernelAddress.Of(peer) };
        if (!_peers.TryGet(address, out var group))
        {
            return KernelVerdict.Deny;
        }

        var rule = RuleKey(group & ~OwnAddress, direction, protocol, port, (int)PortBits);
        return _rules.TryGet(rule, out var verdict) ? (KernelVerdict)verdict : KernelVerdict.Deny;
    }

    /// <summary>Puts an address into a group, or takes it out again so that the prefix around it decides. In force at once; adding comes before using.</summary>
    /// <param name="address">The address.</param>
    /// <param name="group">Its group; null = that of the prefix around it.</param>
    /// <param name="rules">Rules of groups that are new.</param>
    /// <exception cref="ShimException">The kernel has no memory for it.</exception>
    public void Change(IPAddress address, uint? group, IEnumerable<(KernelRule Rule, KernelVerdict Verdict)> rules)
    {
        foreach (var (rule, verdict) in rules)
        {
            _rules.Set(rule, (uint)verdict);
        }

        var prefix = new KernelPrefix { Length = AddressBits, Address = KernelAddress.Of(address) };
        if (group is { } number)
        {
            _peers.Set(prefix, number);
        }
        else
        {
            _peers.Remove(prefix);
        }
    }

    public void Dispose() => Array.ForEach(_own, table => table.Dispose());

    /// <summary>The key of ports that share their first bits.</summary>
    internal static KernelRule RuleKey(uint group, TrafficDirection direction, TransportProtocol protocol, int port, int portBits) => new()
    {
        Length = RuleHeadBits + (uint)portBits,
        Peers = group,
        Direction = direction == TrafficDirection.Egress ? (byte)0 : (byte)1,
        Protocol = (byte)protocol,
        Port = NetworkOrder.Of(port),
    };

    private void Fill(KernelPolicy policy)
    {
        foreach (var (prefix, group, isOwn) in policy.Peers)
        {
            _peers.Set(prefix, isOwn ? group | OwnAddress : group);
        }

        foreach (var (rule, verdict) in policy.Rules)
        {
            _rules.Set(rule, (uint)verdict);
        }
    }
}
