using System.Net;
using Microsoft.Extensions.Primitives;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Protocols.Kafka;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Judges;

/// <summary>Answers by the product: engine, identity table and gate, as a door uses them. Not thread-safe.</summary>
internal sealed class GateJudge : IFlowJudge
{
    private const int AnyEphemeralPort = 40_000;
    private readonly FlowPublisher _flows = new();
    private readonly PolicyEngine _engine;
    private readonly PolicyGate _gate;
    private readonly Dictionary<FlowParty, Identity> _identities = [];
    private readonly KafkaLimits _kafka;

    public GateJudge(PolicyObjects objects, PolicyCompilerOptions options)
    {
        _engine = new PolicyEngine(options);
        _kafka = KafkaLimits.Default with { Bodies = options.CiliumCompatible ? KafkaBodyScope.CiliumEra : KafkaBodyScope.EveryKnownRequest };
        _gate = new PolicyGate(_engine, _flows, TimeProvider.System);
        Compilation = _engine.Publish(new PolicyInput(objects, [], "test", NeverChanges.Instance), dropInvalid: true);
    }

    /// <summary>What the engine said about the policies.</summary>
    public PolicyCompilation Compilation { get; }

    public FlowAnswer Judge(FlowQuestion flow)
    {
        var tuple = Tuple(flow);
        var connect = _gate.Connect(tuple, out var permit);
        if (!Compilation.Succeeded || connect.Reason == VerdictReason.PolicyError)
        {
            return FlowAnswer.Error;
        }

        // the words of the vectors leave authentication out of the verdict, and admit what a custom listener would get
        var admitted = connect.Allowed || connect.Reason == VerdictReason.AuthenticationRequired
            || (connect.Reason == VerdictReason.Unsupported && permit.Kind == L7Kind.Listener);
        var answer = new FlowAnswer
        {
            Enforced = connect.Reason != VerdictReason.NotEnforced,
            L4 = !admitted ? "denied" : permit.Kind == L7Kind.None ? "allowed" : "redirect",
            Verdict = admitted ? "allowed" : "denied",
            Auth = admitted ? AuthOf(permit.Policy?.Authentication) : null,
        };
        return answer.L4 == "redirect" ? Request(answer, flow, ref permit) : answer;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _flows.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private FlowAnswer Request(FlowAnswer answer, FlowQuestion flow, ref ConnectionPermit permit)
    {
        var protocol = permit.Kind == L7Kind.Listener ? "crd" : permit.Kind.ToString().ToLowerInvariant();
        Verdict verdict;
        switch (permit.Kind, flow)
        {
            case (L7Kind.Http, { Http: { } http }):
                verdict = _gate.Check(ref permit, new HttpQuestionRequest(http));
                break;
            case (L7Kind.Dns, { DnsName: { } name }):
                verdict = _gate.Check(ref permit, new DnsQuery(name, DnsTypes.Number(flow.DnsType)));
                break;
            case (L7Kind.Tls, { ServerName: { } name }):
                verdict = _gate.CheckServerName(ref permit, name);
                break;
            case (L7Kind.Kafka, { Kafka: { } kafka }):
                var frame = kafka.Frame ?? KafkaFrame.Write(kafka);
                verdict = KafkaRequest.TryParse(frame.Span, _kafka, out var request, out var error)
                    ? _gate.Check(ref permit, new KafkaCall(request, names: null, new short[request.NameCount]))
                    : throw new InvalidDataException($"the Kafka request does not parse: {error}");
                break;
            default:
                return answer with { L7Protocol = protocol, L7 = permit.Kind == L7Kind.Listener ? "listener" : "not-evaluated" };
        }

        var word = verdict.Allowed ? "allowed" : "denied";
        return answer with
        {
            L7Protocol = protocol,
            L7 = word,
            Verdict = word,
            HeadersAfter = verdict.Allowed && flow.Http is { } sent && verdict.HeaderEdits.Count > 0 ? Edited(sent, verdict.HeaderEdits) : null,
        };
    }

    private static string? AuthOf(AuthenticationMode? mode) => mode switch
    {
        AuthenticationMode.Required => "spire",
        AuthenticationMode.TestAlwaysFail => "test-always-fail",
        _ => null,
    };

    private static List<HeaderLine> Edited(HttpQuestion request, IReadOnlyList<HeaderEdit> edits)
    {
        var lines = request.Headers.Select(h => new HeaderLine(h.Name.ToLowerInvariant(), h.Value)).ToList();
        foreach (var edit in edits)
        {
            if (edit.Kind != HeaderEditKind.Add)
            {
                lines.RemoveAll(l => l.Name == edit.Name);
            }

            if (edit.Kind != HeaderEditKind.Delete)
            {
                lines.Add(new HeaderLine(edit.Name, edit.Value));
            }
        }

        return lines;
    }

    private ConnectionTuple Tuple(FlowQuestion flow)
    {
        var peer = flow.Peer.Address is null ? IdentityOf(flow.Peer) : null;
        IPEndPoint? address = flow.Peer.Address is { } outside
            ? new IPEndPoint(Learned(flow.Peer, outside), flow.Direction == TrafficDirection.Egress ? flow.Port : AnyEphemeralPort)
            : null;
        return new ConnectionTuple
        {
            Direction = flow.Direction,
            Subject = IdentityOf(flow.Subject),
            Protocol = flow.Protocol,
            Port = flow.Port,
            PeerIsAuthenticated = true,
            Peer = peer,
            Source = flow.Direction == TrafficDirection.Ingress ? address : null,
            Destination = flow.Direction == TrafficDirection.Egress ? address : null,
        };
    }

    private IPAddress Learned(FlowParty peer, IPAddress address)
    {
        if (peer.DnsNames.Count > 0 && _identities.TryAdd(peer, null!))
        {
            foreach (var name in peer.DnsNames)
            {
                _engine.Identities.Learn(name, address, DateTimeOffset.MaxValue);
            }
        }

        return address;
    }

    private Identity IdentityOf(FlowParty party)
    {
        if (!_identities.TryGetValue(party, out var identity))
        {
            identity = party.NamedPorts.Count == 0
                ? _engine.Identities.Get(party.Labels)
                : _engine.Identities.GetWorkload(party.Labels, party.NamedPorts);
            _identities[party] = identity;
        }

        return identity;
    }

    private sealed class NeverChanges : IChangeToken, IDisposable
    {
        public static readonly NeverChanges Instance = new();

        public bool HasChanged => false;

        public bool ActiveChangeCallbacks => false;

        public IDisposable RegisterChangeCallback(Action<object?> callback, object? state) => this;

        public void Dispose()
        {
        }
    }
}
