using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Gate;

/// <summary>Makes the flow of every judgement, when somebody listens. Only the gate owns one, so no adapter can forget a flow.</summary>
internal sealed class GateFlows(FlowPublisher publisher, TimeProvider time)
{
    /// <summary>True if a flow of this verdict would reach somebody.</summary>
    public bool Wants(in Verdict verdict) => verdict is { Allowed: true, Audited: false } ? publisher.WantsForwarded : publisher.HasObservers;

    /// <summary>True if a response flow would reach somebody; a note makes it a failure.</summary>
    public bool WantsResponse(string note) => note.Length == 0 ? publisher.WantsForwarded : publisher.HasObservers;

    public void Connection(in ConnectionPermit permit, in Verdict verdict)
    {
        publisher.Publish(Record(permit, verdict, FlowType.L3L4) with
        {
            Verdict = !verdict.Allowed ? FlowVerdict.Dropped
                : verdict.Audited ? FlowVerdict.Audit
                : verdict.NeedsRequestCheck ? FlowVerdict.Redirected
                : FlowVerdict.Forwarded,
            Match = permit.Policy is { Covering: [var winner, ..] } ? NearestEntry.MatchOf(winner) : PolicyMatch.None,
            Nearest = verdict.Reason == VerdictReason.DefaultDeny ? NearestEntry.Find(permit) : null,
            Note = permit.Policy?.Error ?? (permit.State is null ? "no policy is loaded" : string.Empty),
        });
    }

    public void Http<TRequest>(in ConnectionPermit permit, in TRequest request, in Verdict verdict)
        where TRequest : IHttpRequest, allows ref struct
    {
        var record = Record(permit, verdict, FlowType.L7) with
        {
            L7 = new HttpRecord(false, TimeSpan.Zero, 0, request.Method.ToString(), Url(permit, request), request.Protocol.ToString()),
        };
        if (verdict.Reason == VerdictReason.AmbiguousRequest)
        {
            record = record with { Note = AmbiguityText.Of(request) };
        }
        else if (verdict.Reason == VerdictReason.HostMismatch)
        {
            record = record with { Note = $"the TLS handshake was for {permit.Tuple.TlsServer}, the request is not" };
        }
        else if (verdict.Reason == VerdictReason.NoRuleMatched)
        {
            record = record with { Nearest = NearestHttpRule.Find(permit, request) };
        }

        publisher.Publish(record);
    }

    public void Dropped(in ConnectionPermit permit, in Verdict verdict, string note) =>
        publisher.Publish(Record(permit, verdict, FlowType.L3L4) with { Note = note });

    // Of a message that cannot be read there is nothing to report but why.
    public void Refused(in ConnectionPermit permit, in ProtocolError error, in Verdict verdict) =>
        publisher.Publish(Record(permit, verdict, FlowType.L7) with { Note = error.ToString() });

    public void DnsAnswer(in ConnectionPermit permit, in DnsAnswer answer, TimeSpan latency)
    {
        var record = Record(permit, default, FlowType.L7);
        publisher.Publish(record with
        {
            Verdict = FlowVerdict.Forwarded,
            Reason = VerdictReason.NotJudged,
            IsReply = true,
            Source = record.Destination,
            Destination = record.Source,
            L7 = DnsFlow.Of(answer, latency),
        });
    }

    public void HttpResponse<TRequest>(in ConnectionPermit permit, in TRequest request, int statusCode, TimeSpan latency, string note)
        where TRequest : IHttpRequest, allows ref struct
    {
        var record = Record(permit, default, FlowType.L7);
        publisher.Publish(record with
        {
            Verdict = note.Length == 0 ? FlowVerdict.Forwarded : FlowVerdict.Error,
            Reason = VerdictReason.NotJudged,
            IsReply = true,
            Source = record.Destination,
            Destination = record.Source,
            Note = note,
            L7 = new HttpRecord(true, latency, statusCode, request.Method.ToString(), Url(permit, request), request.Protocol.ToString()),
        });
    }

    public void ServerName(in ConnectionPermit permit, ReadOnlySpan<char> name, in Verdict verdict, string note) =>
        publisher.Publish(Record(permit, verdict, FlowType.L7) with { L7 = new TlsRecord(name.ToString()), Note = note });

    public void Dns(in ConnectionPermit permit, in DnsQuery query, in Verdict verdict) =>
        publisher.Publish(Record(permit, verdict, FlowType.L7) with
        {
            L7 = new Flows.DnsRecord(false, TimeSpan.Zero, FullyQualified(query.Name), DnsQueryType.NameOf(query.Type)),
        });

    public void Kafka(in ConnectionPermit permit, in KafkaCall call, in Verdict verdict)
    {
        var flow = Record(permit, verdict, FlowType.L7);
        foreach (var record in KafkaFlow.Requests(flow, permit, call, verdict))
        {
            publisher.Publish(record);
        }
    }

    internal static string FullyQualified(ReadOnlySpan<char> name) => DnsName.IsFullyQualified(name) ? name.ToString() : $"{name}.";

    // Of what was decrypted here, the origin form does not say that it was encrypted.
    private static string Url<TRequest>(in ConnectionPermit permit, in TRequest request)
        where TRequest : IHttpRequest, allows ref struct =>
        string.Concat(string.Concat(permit.Tuple.TlsServer is null ? request.Scheme : "https", "://", request.Authority), request.Path);

    private FlowRecord Record(in ConnectionPermit permit, in Verdict verdict, FlowType type)
    {
        var tuple = permit.Tuple;
        var names = permit.State?.Identities;
        var source = tuple.Direction == TrafficDirection.Ingress ? permit.Peer : tuple.Subject;
        var destination = tuple.Direction == TrafficDirection.Ingress ? tuple.Subject : permit.Peer;
        var target = tuple.Destination ?? new System.Net.IPEndPoint(System.Net.IPAddress.None, tuple.Port);
        return new FlowRecord
        {
            Time = time.GetUtcNow(),
            Uuid = Guid.NewGuid(),
            Type = type,
            Verdict = verdict.Audited ? FlowVerdict.Audit : verdict.Allowed ? FlowVerdict.Forwarded : FlowVerdict.Dropped,
            Reason = verdict.Reason,
            Direction = tuple.Direction,
            Protocol = tuple.Protocol,
            Source = new FlowEndpoint(tuple.Source, source, names?.PodName(tuple.Source?.Address) ?? string.Empty),
            Destination = new FlowEndpoint(target, destination, names?.PodName(tuple.Destination?.Address) ?? string.Empty),
            Rule = verdict.Rule,
            Selecting = verdict.Rule is null && permit.Policy is { Admitted: false } ? permit.Policy.Direction.Selecting : [],
            PolicyRevision = permit.Revision,
            Process = tuple.Process,
        };
    }
}
