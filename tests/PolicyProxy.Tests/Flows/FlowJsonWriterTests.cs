using System.Buffers;
using System.Net;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using PolicyProxy.Flows;
using PolicyProxy.Flows.Formats;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Tests.Flows.Export;
using static PolicyProxy.Tests.Flows.SampleFlows;
using DropReason = PolicyProxy.Tests.Flows.Export.DropReason;
using TrafficDirection = PolicyProxy.Tests.Flows.Export.TrafficDirection;
using Verdict = PolicyProxy.Tests.Flows.Export.Verdict;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowJsonWriterTests
{
    private static readonly FlowJsonOptions s_options = new() { NodeName = "default/node-a", EmitterVersion = "0.1.0" };

    private static readonly JsonParser s_parser = new(JsonParser.Settings.Default.WithTypeRegistry(TypeRegistry.FromMessages(Struct.Descriptor)));

    [Fact]
    public void FlowJsonWriter_denied_request_has_every_field_hubble_reads()
    {
        var exported = Single(DeniedDelete() with { TraceId = "4bf92f3577b34da6a3ce929d0e0e4736" });
        var flow = exported.Flow;
        Assert.Equal("default/node-a", exported.NodeName);
        Assert.Equal(Time, exported.Time.ToDateTimeOffset());
        Assert.Equal(Time, flow.Time.ToDateTimeOffset());
        Assert.Equal("default/node-a", flow.NodeName);
        Assert.Equal("f0ae713c-3ad6-4907-99fb-3c43ec47f6d7", flow.Uuid);
        Assert.Equal(("PolicyProxy", "0.1.0"), (flow.Emitter.Name, flow.Emitter.Version));
        Assert.Equal(Verdict.Dropped, flow.Verdict);
        Assert.Equal(("10.0.0.11", "10.0.0.12", IPVersion.Ipv4), (flow.IP.Source, flow.IP.Destination, flow.IP.IpVersion));
        Assert.Equal((40032u, 8080u), (flow.L4.TCP.SourcePort, flow.L4.TCP.DestinationPort));
        Assert.Null(flow.L4.TCP.Flags);
        Assert.Equal((40321u, "default", "default", "frontend-7c9-x1"),
            (flow.Source.Identity, flow.Source.Namespace, flow.Source.ClusterName, flow.Source.PodName));
        Assert.Equal(["k8s:app=frontend", "k8s:io.kubernetes.pod.namespace=default"], flow.Source.Labels);
        Assert.Equal(Export.FlowType.L7, flow.Type);
        Assert.Equal(L7FlowType.Request, flow.L7.Type);
        Assert.Equal(("DELETE", "http://api.default.svc.cluster.local:8080/admin", "HTTP/1.1"), (flow.L7.Http.Method, flow.L7.Http.Url, flow.L7.Http.Protocol));
        Assert.Equal((129, 0), (flow.EventType.Type, flow.EventType.SubType));
        Assert.Equal(TrafficDirection.Ingress, flow.TrafficDirection);
        Assert.Equal((DropReason.PolicyDenied, 133u), (flow.DropReasonDesc, flow.DropReason));
        Assert.False(flow.IsReply);
        Assert.Equal("HTTP/1.1 DELETE http://api.default.svc.cluster.local:8080/admin", flow.Summary);
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", flow.TraceContext.Parent.TraceId);
        Assert.Empty(flow.IngressAllowedBy);
        Assert.Empty(flow.IngressDeniedBy);
        Assert.Equal(
            ["reason=NoRuleMatched",
             "nearest=CiliumNetworkPolicy/default/api-l7 spec.ingress[0].toPorts[0].rules.http[1] at policies/api.yaml:41:9: method \"DELETE\" does not match \"GET\""],
            flow.PolicyLog);
    }

    [Fact]
    public void FlowJsonWriter_response_is_a_reply_with_code_and_latency()
    {
        var response = new HttpRecord(true, TimeSpan.FromMilliseconds(12), 200, "GET", "http://api/users/7", "HTTP/1.1");
        var flow = Single(Request(Api(8080), Frontend(), FlowVerdict.Forwarded, response) with { Rule = ApiRule }).Flow;
        Assert.True(flow.IsReply);
        Assert.Equal((L7FlowType.Response, 12_000_000ul, 200u), (flow.L7.Type, flow.L7.LatencyNs, flow.L7.Http.Code));
        Assert.Equal("api-6d4cf-1", flow.Source.PodName);
        Assert.Equal("api-l7", Assert.Single(flow.IngressAllowedBy).Name);
        Assert.Equal(DropReason.Unknown, flow.DropReasonDesc);
    }

    [Fact]
    public void FlowJsonWriter_answer_to_a_denied_request_blames_and_praises_nobody()
    {
        var response = new HttpRecord(true, TimeSpan.Zero, 403, "GET", "http://api/x", "HTTP/1.1");
        var flow = Single(Request(Api(8080), Frontend(), FlowVerdict.Forwarded, response) with { Reason = VerdictReason.DeniedByRule, Rule = DenyRule }).Flow;
        Assert.Empty(flow.IngressAllowedBy);
        Assert.Empty(flow.IngressDeniedBy);
    }

    [Fact]
    public void FlowJsonWriter_admitted_connection_names_its_rule_where_hubble_accepts_it()
    {
        var flow = Single(Connection(Frontend(), Api(8080), FlowVerdict.Redirected, VerdictReason.Redirected) with
        {
            Direction = PolicyProxy.Policy.Identities.TrafficDirection.Egress,
            Match = PolicyMatch.L3L4,
            Rule = ApiRule with { LogValue = "from the API team" },
        }).Flow;
        Assert.Equal((Verdict.Redirected, 5, 2u), (flow.Verdict, flow.EventType.Type, flow.PolicyMatchType));
        Assert.True(flow.L4.TCP.Flags.SYN);
        Assert.Empty(flow.IngressAllowedBy);
        var policy = Assert.Single(flow.EgressAllowedBy);
        Assert.Equal(("api-l7", "default", "CiliumNetworkPolicy", 7ul), (policy.Name, policy.Namespace, policy.Kind, policy.Revision));
        Assert.Equal(
            ["k8s:io.cilium.k8s.policy.derived-from=CiliumNetworkPolicy", "k8s:io.cilium.k8s.policy.name=api-l7", "k8s:io.cilium.k8s.policy.namespace=default",
             "policyproxy:rule=spec.ingress[0].toPorts[0].rules.http[1]", "policyproxy:source=policies/api.yaml:41:9"],
            policy.Labels);
        Assert.Equal(["from the API team", "rule=spec.ingress[0].toPorts[0].rules.http[1] at policies/api.yaml:41:9"], flow.PolicyLog);
    }

    [Fact]
    public void FlowJsonWriter_refused_connection_is_a_verdict_and_a_drop()
    {
        var lines = Lines(Connection(World(1), Api(22), FlowVerdict.Dropped, VerdictReason.DeniedByRule) with { Rule = DenyRule });
        var verdict = Parse(lines[0]).Flow;
        var drop = Parse(lines[1]).Flow;
        Assert.Equal(2, lines.Length);
        Assert.Equal((5, 0, 1), (verdict.EventType.Type, verdict.EventType.SubType, drop.EventType.Type));
        Assert.Equal(181, drop.EventType.SubType);
        Assert.Equal((DropReason.PolicyDeny, DropReason.PolicyDeny), (verdict.DropReasonDesc, drop.DropReasonDesc));
        Assert.Equal((false, null), (verdict.IsReply, drop.IsReply));
        Assert.NotEqual(verdict.Uuid, drop.Uuid);
        Assert.Equal("no-ssh", Assert.Single(verdict.IngressDeniedBy).Name);
        Assert.Equal(2u, verdict.Source.Identity);
        Assert.Equal("", verdict.Source.ClusterName);
    }

    [Fact]
    public void FlowJsonWriter_default_denial_blames_no_policy_and_logs_those_that_select()
    {
        var flow = Parse(Lines(Connection(World(1), Api(22), FlowVerdict.Dropped, VerdictReason.DefaultDeny) with { Selecting = [ApiRule] })[0]).Flow;
        Assert.Empty(flow.IngressDeniedBy);
        Assert.Equal(["reason=DefaultDeny", "selecting=CiliumNetworkPolicy/default/api-l7 at policies/api.yaml:41:9"], flow.PolicyLog);
    }

    [Theory]
    [InlineData(VerdictReason.DefaultDeny, DropReason.PolicyDenied, 2)]
    [InlineData(VerdictReason.DeniedByRule, DropReason.PolicyDeny, 2)]
    [InlineData(VerdictReason.ProtocolError, DropReason.InvalidPacketDropped, 2)]
    [InlineData(VerdictReason.PolicyError, DropReason.NoConfigurationAvailableToPerformPolicyDecision, 2)]
    [InlineData(VerdictReason.Unsupported, DropReason.ProxyRedirectionNotSupportedForProtocol, 2)]
    [InlineData(VerdictReason.AuthenticationRequired, DropReason.AuthRequired, 1)]
    [InlineData(VerdictReason.NotJudged, DropReason.PolicyDenied, 2)]
    public void FlowJsonWriter_reason_becomes_hubbles_drop_reason(VerdictReason reason, DropReason expected, int lines)
    {
        var written = Lines(Connection(World(1), Api(22), FlowVerdict.Dropped, reason));
        Assert.Equal(lines, written.Length);
        Assert.All(written, line => Assert.Equal((expected, (uint)expected), (Parse(line).Flow.DropReasonDesc, Parse(line).Flow.DropReason)));
    }

    [Fact]
    public void FlowJsonWriter_audited_denial_is_one_line_without_drop_reason()
    {
        var flow = Single(Connection(World(1), Api(22), FlowVerdict.Audit, VerdictReason.DeniedByRule) with { Rule = DenyRule }).Flow;
        Assert.Equal((Verdict.Audit, DropReason.Unknown, "no-ssh"), (flow.Verdict, flow.DropReasonDesc, flow.IngressDeniedBy[0].Name));
    }

    [Fact]
    public void FlowJsonWriter_dns_answer_has_its_records()
    {
        var record = new DnsRecord(true, TimeSpan.FromTicks(1), "a.test.", "A") { Addresses = ["192.0.2.1", "2001:db8::1"], Cnames = ["b.test."], Ttl = 9, ResponseCode = 0 };
        var flow = Single(Request(Dns(), Frontend(), FlowVerdict.Forwarded, record) with { Protocol = TransportProtocol.Udp }).Flow;
        Assert.Equal((53u, "a.test.", 9u, "proxy"), (flow.L4.UDP.SourcePort, flow.L7.Dns.Query, flow.L7.Dns.Ttl, flow.L7.Dns.ObservationSource));
        Assert.Equal(["CNAME", "A", "AAAA"], flow.L7.Dns.Rrtypes);
        Assert.Equal(["A"], flow.L7.Dns.Qtypes);
        Assert.Equal(100ul, flow.L7.LatencyNs);
    }

    [Fact]
    public void FlowJsonWriter_kafka_request_has_its_fields()
    {
        var kafka = Single(Request(Api(1), Broker(9092), FlowVerdict.Dropped, new KafkaRecord(false, TimeSpan.Zero, "produce", 9, -3, "orders", 29))).Flow.L7.Kafka;
        Assert.Equal((29, 9, "produce", -3, "orders"), (kafka.ErrorCode, kafka.ApiVersion, kafka.ApiKey, kafka.CorrelationId, kafka.Topic));
    }

    [Fact]
    public void FlowJsonWriter_tls_denial_has_a_type_and_no_record()
    {
        var flow = Single(Request(Frontend(), Example(), FlowVerdict.Dropped, new TlsRecord("evil.test"))).Flow;
        Assert.Equal((L7FlowType.Request, Layer7.RecordOneofCase.None), (flow.L7.Type, flow.L7.RecordCase));
        Assert.Equal("tls Fields: map[sni:evil.test]", flow.Summary);
        Assert.Equal(["example.com"], flow.DestinationNames);
    }

    [Fact]
    public void FlowJsonWriter_unreadable_request_still_is_a_flow()
    {
        var flow = Single(Request(Frontend(), Api(8080), FlowVerdict.Dropped, null) with { Reason = VerdictReason.ProtocolError, Note = "bare line feed" }).Flow;
        Assert.Equal((129, "bare line feed"), (flow.EventType.Type, flow.Summary));
        Assert.Contains("note=bare line feed", flow.PolicyLog);
    }

    [Fact]
    public void FlowJsonWriter_addresses_are_what_go_parses()
    {
        var flow = Single(Request(Frontend(), Api(1), FlowVerdict.Forwarded, Http("GET", "http://a/")) with
        {
            Source = new FlowEndpoint(new IPEndPoint(IPAddress.Parse("::ffff:10.1.2.3"), 1), null, ""),
            Destination = new FlowEndpoint(new IPEndPoint(IPAddress.Parse("fe80::1%3"), 2), null, ""),
        }).Flow;
        Assert.Equal(("10.1.2.3", "fe80::1", IPVersion.Ipv4), (flow.IP.Source, flow.IP.Destination, flow.IP.IpVersion));
    }

    [Fact]
    public void FlowJsonWriter_unknown_ends_are_left_out()
    {
        var nobody = new FlowEndpoint(null, null, "");
        var flow = Single(Connection(nobody, nobody, FlowVerdict.Forwarded, VerdictReason.NotEnforced) with { Uuid = Guid.Empty }).Flow;
        Assert.Null(flow.IP);
        Assert.Equal(("", 0u, 4u), (flow.Uuid, flow.Source.Identity, flow.PolicyMatchType));
    }

    [Theory]
    [InlineData("http://user:secret@api/x", "http://user:HUBBLE_REDACTED@api/x")]
    [InlineData("http://token@api/x?y=1", "http://HUBBLE_REDACTED@api/x?y=1")]
    [InlineData("http://a:b:c@d@api", "http://a:HUBBLE_REDACTED@api")]
    [InlineData("user:secret@api:443", "user:HUBBLE_REDACTED@api:443")]
    [InlineData("http://api/a@b?c@d", "http://api/a@b?c@d")]
    [InlineData("", "")]
    [InlineData("://@", "://HUBBLE_REDACTED@")]
    public void FlowJsonWriter_user_information_is_redacted_by_default(string url, string expected)
    {
        var flow = Single(DeniedDelete(url)).Flow;
        Assert.Equal((expected, "HTTP/1.1 DELETE " + expected), (flow.L7.Http.Url, flow.Summary));
    }

    [Fact]
    public void FlowJsonWriter_redacted_query_is_nowhere_in_the_line()
    {
        var flow = DeniedDelete("http://api/x?key=secret&other=1#frag") with
        {
            Nearest = new NearestRule(ApiRule, "path \"/x?key=secret&other=1\" does not match \"/y(\\?.*)?\""),
            Note = "cut: /x?key=sec",
        };
        var line = Assert.Single(Lines(flow, s_options with { Redaction = new FlowRedaction { Query = true } }));
        Assert.DoesNotContain("key=", line);
        Assert.DoesNotContain("secret", line);
        var parsed = Parse(line).Flow;
        Assert.Equal("http://api/x", parsed.L7.Http.Url);
        Assert.EndsWith("path \"/x?HUBBLE_REDACTED\" does not match \"/y(\\?.*)?\"", parsed.PolicyLog[1]);
    }

    [Theory]
    [InlineData("/\u0000\u0001\u001b[2J\u007f\u0085\u2028")]
    [InlineData("/\"},\"flow\":{\"verdict\":\"FORWARDED\"}}\n{\"flow\":{}}")]
    [InlineData("/\\\\\"\\u0022</script><!-- grüße 日本 \U0001F600")]
    public void FlowJsonWriter_hostile_text_stays_one_ascii_line_that_parses(string text)
    {
        var rule = new RuleOrigin(text, text, text, text, text, 1, 1) { LogValue = text };
        var flow = DeniedDelete(text) with
        {
            Source = new FlowEndpoint(null, Identity(300, "k8s:a=" + text), text) { Names = [text] },
            L7 = new HttpRecord(false, TimeSpan.Zero, 0, text, text, text),
            Rule = rule,
            Nearest = new NearestRule(rule, text),
            Selecting = [rule],
            Note = text,
            TraceId = text,
            Process = Curl with { Command = text },
        };
        var line = Assert.Single(Lines(flow));
        Assert.All(line, c => Assert.InRange(c, ' ', '~'));
        var parsed = Parse(line).Flow;
        Assert.Equal(Verdict.Dropped, parsed.Verdict);
        Assert.Equal(text, parsed.Source.PodName);
    }

    [Fact]
    public void FlowJsonWriter_half_a_surrogate_pair_becomes_the_replacement_character() =>
        Assert.Equal("/\uFFFDx\uFFFD", Single(DeniedDelete("/" + (char)0xD800 + "x" + (char)0xDC00)).Flow.L7.Http.Url);

    [Fact]
    public void FlowJsonWriter_process_is_a_struct_among_the_extensions()
    {
        var flow = Single(DeniedDelete() with { Process = Curl }).Flow;
        var process = flow.Extensions.Unpack<Struct>().Fields["process"].StructValue.Fields;
        Assert.Equal(9_007_199_254_740_993ul, flow.CgroupId);
        Assert.Equal(
            (4711.0, "curl", 1000.0, "9007199254740993"),
            (process["pid"].NumberValue, process["command"].StringValue, process["uid"].NumberValue, process["cgroup_id"].StringValue));
    }

    [Fact]
    public void FlowJsonWriter_unknown_process_leaves_no_trace()
    {
        var flow = Single(DeniedDelete()).Flow;
        Assert.Equal((0ul, null), (flow.CgroupId, flow.Extensions));
    }

    [Fact]
    public void FlowJsonWriter_lost_flows_are_a_lost_event()
    {
        using var writer = new FlowJsonWriter(s_options);
        var buffer = new ArrayBufferWriter<byte>();
        writer.WriteLost(long.MaxValue, Time, buffer);
        var exported = Parse(Encoding.UTF8.GetString(buffer.WrittenSpan));
        Assert.Equal((LostEventSource.HubbleRingBuffer, (ulong)long.MaxValue), (exported.LostEvents.Source, exported.LostEvents.NumEventsLost));
        Assert.Equal(("default/node-a", Time), (exported.NodeName, exported.Time.ToDateTimeOffset()));
    }

    [Fact]
    public void FlowJsonWriter_any_flow_parses_as_hubbles_message()
    {
        var generator = new FlowGenerator(seed: 2026);
        for (var i = 0; i < 2000; i++)
        {
            var flow = generator.Next();
            Assert.All(Lines(flow), line => Assert.Equal((Verdict)flow.Verdict, Parse(line).Flow.Verdict));
        }
    }

    private static ExportEvent Single(FlowRecord flow) => Parse(Assert.Single(Lines(flow)));

    private static ExportEvent Parse(string line) => s_parser.Parse<ExportEvent>(line);

    private static string[] Lines(FlowRecord flow, FlowJsonOptions? options = null)
    {
        using var writer = new FlowJsonWriter(options ?? s_options);
        var buffer = new ArrayBufferWriter<byte>();
        writer.Write(flow, buffer);
        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        Assert.EndsWith("\n", text);
        return text[..^1].Split('\n');
    }
}
