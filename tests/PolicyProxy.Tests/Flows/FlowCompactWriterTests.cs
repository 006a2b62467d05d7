using PolicyProxy.Flows;
using PolicyProxy.Flows.Formats;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using static PolicyProxy.Tests.Flows.SampleFlows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowCompactWriterTests
{
    private const string ApiUrl = "http://api.default.svc.cluster.local:8080";

    private static readonly FlowCompactOptions s_likeHubble = new() { Why = false };

    // Lines printed by the hubble command line for the same flows.
    public static TheoryData<string, int> Golden { get; } = new()
    {
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> default/api-6d4cf-1:8080 (ID:51234) policy-verdict:L3-L4 INGRESS ALLOWED (TCP Flags: SYN)", 0 },
        { "Nov 22 21:20:13.586: 203.0.113.9:40032 (world) -> default/api-6d4cf-1:22 (ID:51234) policy-verdict:none INGRESS DENIED (TCP Flags: SYN)", 1 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> default/api-6d4cf-1:9090 (ID:51234) policy-verdict:none INGRESS AUDITED (TCP Flags: SYN)", 2 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> default/api-6d4cf-1:8080 (ID:51234) http-request DROPPED (HTTP/1.1 DELETE http://api.default.svc.cluster.local:8080/admin)", 3 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) <- default/api-6d4cf-1:8080 (ID:51234) http-response FORWARDED (HTTP/1.1 403 0ms (DELETE http://api.default.svc.cluster.local:8080/admin))", 4 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> default/api-6d4cf-1:8080 (ID:51234) http-request FORWARDED (HTTP/1.1 GET http://api.default.svc.cluster.local:8080/users/33)", 5 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) <- default/api-6d4cf-1:8080 (ID:51234) http-response FORWARDED (HTTP/1.1 200 12ms (GET http://api.default.svc.cluster.local:8080/users/33))", 6 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> kube-system/coredns-abc:53 (ID:5000) dns-request proxy FORWARDED (DNS Query example.com. A)", 7 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> kube-system/coredns-abc:53 (ID:5000) dns-request proxy DROPPED (DNS Query evil.test. A)", 8 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) <- kube-system/coredns-abc:53 (ID:5000) dns-response proxy FORWARDED (DNS Answer \"93.184.216.34\" TTL: 30 (Proxy example.com. A))", 9 },
        { "Nov 22 21:20:13.586: default/api-6d4cf-1:40032 (ID:51234) -> data/kafka-0:9092 (ID:60001) kafka-request FORWARDED (Kafka request produce correlation id 3 topic 'orders')", 10 },
        { "Nov 22 21:20:13.586: default/frontend-7c9-x1:40032 (ID:40321) -> example.com:443 (ID:16777217) policy-verdict:all EGRESS ALLOWED (TCP Flags: SYN)", 11 },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void FlowCompactWriter_flow_is_printed_as_hubble_prints_it(string line, int flow) =>
        Assert.Equal(line + "\n", Print(GoldenFlow(flow), s_likeHubble));

    [Fact]
    public void FlowCompactWriter_policy_names_and_node_are_printed_as_hubble_prints_them()
    {
        var options = s_likeHubble with { PolicyNames = true, NodeName = "default/node-a" };
        Assert.Equal(
            "Nov 22 21:20:13.586 [default/node-a]: default/frontend-7c9-x1:40032 (ID:40321) -> default/api-6d4cf-1:8080 (ID:51234) policy-verdict:L3-L4 INGRESS ALLOWED BY api-l7 (CiliumNetworkPolicy) (TCP Flags: SYN)\n",
            Print(GoldenFlow(0), options));
    }

    [Fact]
    public void FlowCompactWriter_refused_connection_with_drop_events_has_both_lines_of_cilium()
    {
        var lines = Print(GoldenFlow(1), s_likeHubble with { DropEvents = true }).Split('\n');
        Assert.Equal("Nov 22 21:20:13.586: 203.0.113.9:40032 (world) -> default/api-6d4cf-1:22 (ID:51234) policy-verdict:none INGRESS DENIED (TCP Flags: SYN)", lines[0]);
        Assert.Equal("Nov 22 21:20:13.586: 203.0.113.9:40032 (world) <> default/api-6d4cf-1:22 (ID:51234) Policy denied DROPPED (TCP Flags: SYN)", lines[1]);
        Assert.Equal(["", ""], [lines[2], string.Concat(lines[3..])]);
    }

    [Fact]
    public void FlowCompactWriter_denial_by_rule_names_rule_file_and_line()
    {
        var flow = GoldenFlow(1) with { Reason = VerdictReason.DeniedByRule, Rule = DenyRule };
        Assert.EndsWith(
            "DENIED (TCP Flags: SYN) | denied by CiliumClusterwideNetworkPolicy/no-ssh spec.ingressDeny[0] (policies/ssh.yaml:7)\n", Print(flow));
    }

    [Fact]
    public void FlowCompactWriter_denied_request_names_the_nearest_rule_and_what_missed() => Assert.EndsWith(
        " | no rule matches the request; nearest CiliumNetworkPolicy/default/api-l7 spec.ingress[0].toPorts[0].rules.http[1] (policies/api.yaml:41): "
        + "method \"DELETE\" does not match \"GET\"\n",
        Print(DeniedDelete()));

    [Fact]
    public void FlowCompactWriter_default_denial_names_the_selecting_policies_and_counts_the_rest()
    {
        var flow = GoldenFlow(1) with { Selecting = [ApiRule, DenyRule, ApiRule, ApiRule, ApiRule] };
        Assert.EndsWith(
            " | no rule allows it; default deny by CiliumNetworkPolicy/default/api-l7 (policies/api.yaml:41), "
            + "CiliumClusterwideNetworkPolicy/no-ssh (policies/ssh.yaml:7), CiliumNetworkPolicy/default/api-l7 (policies/api.yaml:41) and 2 more\n",
            Print(flow));
    }

    [Fact]
    public void FlowCompactWriter_audited_denial_says_would_be_denied() =>
        Assert.EndsWith("AUDITED (TCP Flags: SYN) | would be denied: no rule allows it\n", Print(GoldenFlow(2)));

    [Fact]
    public void FlowCompactWriter_process_stands_behind_the_summary_and_before_the_reason()
    {
        Assert.EndsWith("/users/33) curl[4711]\n", Print(GoldenFlow(5) with { Process = Curl }));
        Assert.EndsWith("AUDITED (TCP Flags: SYN) curl[4711] | would be denied: no rule allows it\n", Print(GoldenFlow(2) with { Process = Curl }));
    }

    [Fact]
    public void FlowCompactWriter_let_through_has_no_reason() => Assert.EndsWith("/users/33)\n", Print(GoldenFlow(5)));

    [Fact]
    public void FlowCompactWriter_tls_denial_is_a_generic_request()
    {
        var line = Print(Request(Frontend(), Example(), FlowVerdict.Dropped, new TlsRecord("evil.test")), s_likeHubble);
        Assert.EndsWith("example.com:443 (ID:16777217) l7-request DROPPED (tls Fields: map[sni:evil.test])\n", line);
    }

    [Fact]
    public void FlowCompactWriter_name_error_answer_is_named()
    {
        var flow = Request(Dns(), Frontend(), FlowVerdict.Forwarded, new DnsRecord(true, TimeSpan.Zero, "no.test.", "AAAA") { ResponseCode = 3 });
        Assert.EndsWith("(DNS Answer RCode: Non-Existent Domain TTL: 0 (Proxy no.test. AAAA))\n", Print(flow));
    }

    [Fact]
    public void FlowCompactWriter_aliases_are_listed_behind_addresses()
    {
        var flow = Request(Dns(), Frontend(), FlowVerdict.Forwarded,
            new DnsRecord(true, TimeSpan.Zero, "a.test.", "A") { Addresses = ["192.0.2.1", "192.0.2.2"], Cnames = ["b.test.", "c.test."], Ttl = 5 });
        Assert.EndsWith("(DNS Answer \"192.0.2.1,192.0.2.2\" CNAMEs: \"b.test.,c.test.\" TTL: 5 (Proxy a.test. A))\n", Print(flow));
    }

    [Theory]
    [InlineData("/\u001b[2J\u001b]0;owned\u0007", "/\\x1b[2J\\x1b]0;owned\\x07")]
    [InlineData("/a\r\nNov 22 forged", "/a\\x0d\\x0aNov 22 forged")]
    [InlineData("/\u009b31m", "/\\x9b31m")]
    [InlineData("/\u202egpj.exe", "/\\u202egpj.exe")]
    [InlineData("/\u2028x\u2029", "/\\u2028x\\u2029")]
    [InlineData("/\U000e0041", "/\\udb40\\udc41")]
    [InlineData("/grüße/日本", "/grüße/日本")]
    public void FlowCompactWriter_text_from_the_network_cannot_drive_a_terminal(string path, string shown)
    {
        var line = Print(DeniedDelete("http://api" + path), s_likeHubble);
        Assert.EndsWith($"(HTTP/1.1 DELETE http://api{shown})\n", line);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void FlowCompactWriter_half_a_surrogate_pair_is_escaped() =>
        Assert.EndsWith("(HTTP/1.1 DELETE /\\ud800x)\n", Print(DeniedDelete("/" + (char)0xD800 + "x"), s_likeHubble));

    [Fact]
    public void FlowCompactWriter_every_text_field_is_escaped()
    {
        const string Evil = "\u001b[31m\n";
        var rule = new RuleOrigin(Evil, Evil, Evil, Evil, Evil, 1, 1);
        var flow = DeniedDelete() with
        {
            Source = Frontend() with { PodName = Evil },
            Destination = Example() with { Names = [Evil] },
            L7 = new HttpRecord(false, TimeSpan.Zero, 0, Evil, Evil, Evil),
            Rule = rule,
            Nearest = new NearestRule(rule, Evil),
            Selecting = [rule],
            Note = Evil,
            Process = Curl with { Command = Evil },
        };
        var line = Print(flow, new FlowCompactOptions { NodeName = Evil, PolicyNames = true });
        Assert.DoesNotContain('\u001b', line);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void FlowCompactWriter_colour_surrounds_names_and_verdict_only()
    {
        var line = Print(GoldenFlow(3), new FlowCompactOptions { Color = true, Why = false });
        Assert.Contains("\e[36mdefault/api-6d4cf-1:8080\e[0m \e[35m(ID:51234)\e[0m http-request \e[31mDROPPED\e[0m (HTTP/1.1", line);
    }

    [Fact]
    public void FlowCompactWriter_ipv6_and_unknown_ends_are_printed()
    {
        var flow = GoldenFlow(1) with
        {
            Source = new FlowEndpoint(new(System.Net.IPAddress.Parse("2001:db8::1"), 99), null, ""),
            Destination = new FlowEndpoint(null, null, ""),
        };
        Assert.Contains(": [2001:db8::1]:99 (unknown) -> unknown (unknown) policy-verdict", Print(flow));
    }

    [Fact]
    public void FlowCompactWriter_time_follows_the_zone_and_pads_the_day()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(2), "test", "test");
        var flow = GoldenFlow(1) with { Time = new DateTimeOffset(2026, 2, 3, 22, 59, 1, 7, TimeSpan.Zero) };
        Assert.StartsWith("Feb  4 00:59:01.007: ", Print(flow, new FlowCompactOptions { TimeZone = zone }));
    }

    [Fact]
    public void FlowCompactWriter_lost_flows_have_hubbles_line() =>
        Assert.Equal("EVENTS LOST: HUBBLE_RING_BUFFER CPU(0) 5\n", FlowCompactWriter.Lost(5));

    private static string Print(FlowRecord flow, FlowCompactOptions? options = null)
    {
        using var output = new StringWriter();
        new FlowCompactWriter(options).Write(flow, output);
        return output.ToString();
    }

    private static FlowRecord GoldenFlow(int number) => number switch
    {
        0 => Connection(Frontend(), Api(8080), FlowVerdict.Redirected, VerdictReason.Redirected) with { Match = PolicyMatch.L3L4, Rule = ApiRule },
        1 => Connection(World(40032), Api(22), FlowVerdict.Dropped, VerdictReason.DefaultDeny),
        2 => Connection(Frontend(), Api(9090), FlowVerdict.Audit, VerdictReason.DefaultDeny),
        3 => DeniedDelete(),
        4 => Request(Api(8080), Frontend(), FlowVerdict.Forwarded, new HttpRecord(true, TimeSpan.Zero, 403, "DELETE", ApiUrl + "/admin", "HTTP/1.1")),
        5 => Request(Frontend(), Api(8080), FlowVerdict.Forwarded, Http("GET", ApiUrl + "/users/33")),
        6 => Request(Api(8080), Frontend(), FlowVerdict.Forwarded,
            new HttpRecord(true, TimeSpan.FromMilliseconds(12.9), 200, "GET", ApiUrl + "/users/33", "HTTP/1.1")),
        7 => Request(Frontend(), Dns(), FlowVerdict.Forwarded, new DnsRecord(false, TimeSpan.Zero, "example.com.", "A")),
        8 => Request(Frontend(), Dns(), FlowVerdict.Dropped, new DnsRecord(false, TimeSpan.Zero, "evil.test.", "A")),
        9 => Request(Dns(), Frontend(), FlowVerdict.Forwarded,
            new DnsRecord(true, TimeSpan.FromMilliseconds(1), "example.com.", "A") { Addresses = ["93.184.216.34"], Ttl = 30 }),
        10 => Request(Api(40032), Broker(9092), FlowVerdict.Forwarded, new KafkaRecord(false, TimeSpan.Zero, "produce", 9, 3, "orders", 0)),
        11 => Connection(Frontend(), Example(), FlowVerdict.Forwarded, VerdictReason.NotEnforced) with { Direction = TrafficDirection.Egress },
        _ => throw new ArgumentOutOfRangeException(nameof(number)),
    };
}
