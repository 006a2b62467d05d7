using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Makes a flow of every verdict the kernel passed by itself: the gate is asked the same question, and names the rule. Where the kernel
/// refused what policy would admit, nobody could take it, and the flow says so.
/// </summary>
internal sealed class KernelFlows(PolicyGate gate, Func<Identity> subject, bool audit)
{
    /// <summary>Reports one event of the shim.</summary>
    public void Report(KernelEvent told)
    {
        var isEgress = told.Direction == 0;
        var address = told.Local.ToAddress();

        // A refused connect() has not chosen an address yet.
        var local = address.Equals(IPAddress.IPv6Any) ? null : new IPEndPoint(address, told.LocalPort);
        var peer = new IPEndPoint(told.Peer.ToAddress(), told.PeerPort);
        var tuple = new ConnectionTuple
        {
            Direction = isEgress ? TrafficDirection.Egress : TrafficDirection.Ingress,
            Subject = subject(),
            Protocol = (TransportProtocol)told.Protocol,
            Port = isEgress ? told.PeerPort : told.LocalPort,
            Source = isEgress ? local : peer,
            Destination = isEgress ? peer : local,
            Audit = audit,
            Process = told.ProcessId == 0 ? null : new WorkloadProcess
            {
                Id = (int)told.ProcessId,
                Command = told.Command.ToString(),
                UserId = told.UserId,
                CgroupId = told.CgroupId,
            },
        };
        if (told.Verdict == (byte)KernelVerdict.Allow)
        {
            _ = gate.Connect(tuple, out _);
            return;
        }

        if (gate.Explain(tuple).Connection.Allowed)
        {
            gate.Drop(tuple, Why(told, gate.Preview(tuple).Kind));
        }
        else
        {
            _ = gate.Connect(tuple, out _);
        }
    }

    private static string Why(KernelEvent told, L7Kind kind) => (TransportProtocol)told.Protocol switch
    {
        TransportProtocol.Udp when told is { Direction: 0, PeerPort: 443 } =>
            "rules need to look into these datagrams, and QUIC is not read here: HTTP clients go on over TCP, whose names and requests are",
        TransportProtocol.Udp when kind == L7Kind.Name => "datagrams show no name that is read here, and the rule is for names",
        TransportProtocol.Udp => "rules need to look into these datagrams, and no proxy for them runs here",
        _ when told.Direction == 1 => "rules need to look into the connection, and it did not come through the proxy",
        _ => "the policy changed while the connection was open, or it leads to the proxy itself",
    };
}
