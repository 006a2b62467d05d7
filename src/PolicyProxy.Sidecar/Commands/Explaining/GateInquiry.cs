using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Asks the gate: the same compiled policies, by the same calls, as the proxies use.</summary>
internal static class GateInquiry
{
    public static ExplainAnswer Ask(PolicyEngine engine, ExplainQuestion question) =>
        AskGate(engine, question) with { Tls = TlsAnswer.Of(engine, question) };

    private static ExplainAnswer AskGate(PolicyEngine engine, ExplainQuestion question)
    {
        var request = question.Request;
        if (request.Kafka is not null)
        {
            return AskKafka(new PolicyGate(engine, new FlowPublisher(), TimeProvider.System), question);
        }

        var walk = new PolicyGate(engine, new FlowPublisher(), TimeProvider.System).Explain(question.Tuple, request.Http);
        if (!walk.Connection.Allowed || walk.Kind is not (L7Kind.Dns or L7Kind.Tls))
        {
            return new ExplainAnswer(question, walk, walk.Final, walk.Nearest);
        }

        // The walk ends at the connection here; names are judged by the call the doors use.
        var capture = new FlowCapture();
        var flows = new FlowPublisher();
        flows.Add(capture);
        var gate = new PolicyGate(engine, flows, TimeProvider.System);
        _ = gate.Connect(question.Tuple, out var permit);
        var final = (walk.Kind, request.Kind) switch
        {
            (L7Kind.Dns, AskedKind.Dns) => gate.Check(ref permit, new DnsQuery(request.Name, request.QueryType)),
            (L7Kind.Tls, AskedKind.Tls or AskedKind.Http) => gate.CheckServerName(ref permit, request.Name),
            _ => walk.Final,
        };
        var nearest = capture.Take().LastOrDefault(f => f.Nearest is not null)?.Nearest;
        return new ExplainAnswer(question, walk, final, final.Allowed ? null : nearest ?? walk.Nearest);
    }

    private static ExplainAnswer AskKafka(PolicyGate gate, ExplainQuestion question)
    {
        var request = question.Request;
        var walk = request.Kafka!.Explain(gate, question.Tuple);
        var others = walk.Kind != L7Kind.Kafka ? [] : request.KafkaOthers.Select(other =>
        {
            var answer = other.Explain(gate, question.Tuple);
            return new OtherAnswer(other.Text, answer.Final, answer.Nearest);
        });
        return new ExplainAnswer(question, walk, walk.Final, walk.Nearest) { Others = [.. others] };
    }
}
