using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>One question to the gate: whose policy, which direction, who is at the other end, what is sent. Immutable.</summary>
internal sealed record ExplainQuestion(TrafficDirection Direction, ExplainEnd Subject, ExplainEnd Peer, ushort Port, AskedRequest Request)
{
    public ExplainEnd From => Direction == TrafficDirection.Ingress ? Peer : Subject;

    public ExplainEnd To => Direction == TrafficDirection.Ingress ? Subject : Peer;

    public string DirectionText => Direction == TrafficDirection.Ingress ? "ingress" : "egress";

    public ConnectionTuple Tuple => new()
    {
        Direction = Direction,
        Subject = Subject.Identity,
        Protocol = Request.Protocol,
        Port = Port,
        // An address is left to the engine, which resolves it exactly as it does for real connections.
        Peer = Peer.Address is null ? Peer.Identity : null,
        Source = From.Address is { } source ? new IPEndPoint(source, 0) : null,
        Destination = To.Address is { } destination ? new IPEndPoint(destination, Port) : null,
        OriginatesTls = true, // as run and the sidecar do
    };
}
