using System.Buffers;
using System.Text;
using System.Text.Json;
using PolicyProxy.Flows.Formats;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Tests.Gate;

/// <summary>Secrets that rules compare with or add: who gets them, and that nobody else does.</summary>
public sealed class SecretTests
{
    private const string Secret = "s3cr3t-bearer";

    private const string SecretObject =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: token, namespace: default}
        stringData: {value: s3cr3t-bearer}
        """;

    public static TheoryData<string, string, bool, bool> Peers => new()
    {
        // peer of the rule, address, TLS has verified the name, gets the secret
        { "toCIDR: [203.0.113.7/32]", "203.0.113.7", false, true },
        { "toCIDR: [203.0.113.0/24]", "203.0.113.7", false, false }, // a network has more than one machine
        { "toCIDR: [203.0.113.0/24]", "203.0.113.7", true, true },
        { "toEntities: [world]", "203.0.113.7", false, false },
        { "toEntities: [world]", "203.0.113.7", true, true },
        { "toEntities: [all]", "203.0.113.7", false, false },
        { "toFQDNs: [{matchName: api.example.com}]", "203.0.113.7", false, false }, // DNS proves nothing
        { "toFQDNs: [{matchName: api.example.com}]", "203.0.113.7", true, true },
        { "toEndpoints: [{matchLabels: {app: cart}}]", "10.0.0.1", false, true },
    };

    [Theory]
    [MemberData(nameof(Peers))]
    public void Secret_reaches_whom_the_rule_speaks_of_or_who_has_proven_the_name(string peer, string address, bool isVerified, bool isSent)
    {
        foreach (var mismatch in new[] { "ADD", "REPLACE" })
        {
            using var world = World("egress", peer, mismatch, new PolicyCompilerOptions());
            var verdict = Check(world, address, isVerified);
            Assert.Equal(isSent ? VerdictReason.AllowedByRule : VerdictReason.SecretWithheld, verdict.Reason);
            Assert.Equal(isSent, verdict.Allowed);
            Assert.Equal(isSent ? [Secret] : [], verdict.HeaderEdits.Select(static edit => edit.Value));
        }
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)] // no rule asks for TLS: it would go on in the open
    [InlineData(false, true, false)] // the rule asks, and the door cannot
    public void Secret_waits_for_TLS_that_a_rule_asks_for_and_the_door_makes(bool originates, bool isAskedFor, bool isSent)
    {
        using var world = World("egress", "toEntities: [world]", "ADD", new PolicyCompilerOptions(), isAskedFor ? "originatingTLS: {secret: {name: token}}" : string.Empty);
        Assert.True(world.Gate.Connect(world.Egress("app=web", "203.0.113.7", 80) with { OriginatesTls = originates }, out var permit).Allowed);

        Assert.Equal(isSent ? VerdictReason.AllowedByRule : VerdictReason.SecretWithheld, world.Gate.Check(ref permit, Request("wrong")).Reason);
    }

    [Fact]
    public void Cilium_compatible_engine_sends_it_anywhere()
    {
        using var world = World("egress", "toEntities: [world]", "ADD", new PolicyCompilerOptions { CiliumCompatible = true });
        Assert.True(Check(world, "203.0.113.7", isVerified: false).Allowed);
    }

    [Theory]
    [InlineData("LOG")]
    [InlineData("DELETE")]
    public void Action_that_sends_no_secret_is_not_held_back(string mismatch)
    {
        using var world = World("egress", "toEntities: [world]", mismatch, new PolicyCompilerOptions());
        Assert.True(Check(world, "203.0.113.7", isVerified: false).Allowed);
    }

    [Fact]
    public void Request_that_has_the_secret_already_is_not_held_back()
    {
        using var world = World("egress", "toEntities: [world]", "REPLACE", new PolicyCompilerOptions());
        Assert.True(Check(world, "203.0.113.7", isVerified: false, Secret).Allowed);
    }

    [Theory]
    [InlineData("ADD")]
    [InlineData("REPLACE")]
    [InlineData("DELETE")]
    [InlineData("LOG")]
    [InlineData("")]
    public void Secret_is_in_no_output(string mismatch)
    {
        foreach (var (direction, peer) in new[] { ("ingress", "fromEndpoints: [{}]"), ("egress", "toEntities: [world]"), ("egress", "toEndpoints: [{}]") })
        {
            using var world = World(direction, peer, mismatch, new PolicyCompilerOptions()).Observed();
            var tuple = direction == "ingress" ? world.Ingress("app=web", "app=cart", 80) : world.Egress("app=web", peer.Contains("world", StringComparison.Ordinal) ? "203.0.113.7" : "10.0.0.1", 80);
            _ = world.Gate.Connect(tuple, out var permit);
            var text = new StringBuilder();
            string[] values = ["wrong", string.Empty];
            foreach (var value in values)
            {
                var request = Request(value);
                var verdict = world.Gate.Check(ref permit, request);
                world.Gate.Complete(permit, request, verdict.Allowed ? 200 : 403, TimeSpan.Zero, "failed");
                var explanation = world.Gate.Explain(tuple, request);
                _ = text.AppendLine(verdict.ToString()).AppendLine(explanation.ToString()).AppendJoin('\n', explanation.Steps).AppendLine(explanation.Nearest?.ToString());
                _ = text.AppendJoin('\n', verdict.HeaderEdits).AppendLine(verdict.Rule?.ToString()).AppendLine(JsonSerializer.Serialize(explanation.Steps));
            }

            foreach (var flow in world.Flows())
            {
                var bytes = new ArrayBufferWriter<byte>();
                using var json = new FlowJsonWriter();
                json.Write(flow, bytes);
                new FlowCompactWriter().Append(text, flow);
                _ = text.AppendLine(flow.ToString()).AppendLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
            }

            Assert.NotEmpty(world.Flows());
            Assert.DoesNotContain(Secret, text.ToString(), StringComparison.Ordinal);
        }
    }

    private static TestGate World(string direction, string peer, string mismatch, PolicyCompilerOptions options, string context = "")
    {
        var action = mismatch.Length == 0 ? string.Empty : $", mismatch: {mismatch}";
        var gate = new TestGate(
            options,
            $$$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: web, namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: web}}
              {{{direction}}}:
              - {{{peer}}}
                toPorts:
                - ports: [{port: "80", protocol: TCP}]
                  {{{context}}}
                  rules:
                    http:
                    - method: GET
                      headerMatches: [{name: Authorization, secret: {name: token}{{{action}}} }]
            """,
            SecretObject,
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: cart, namespace: default, labels: {app: cart}}
            status: {podIP: 10.0.0.1}
            """);
        Assert.True(gate.First.Succeeded, string.Join('\n', gate.First.Diagnostics));
        gate.Engine.Identities.Learn("api.example.com", System.Net.IPAddress.Parse("203.0.113.7"), DateTimeOffset.MaxValue);
        return gate;
    }

    private static Verdict Check(TestGate world, string address, bool isVerified, string value = "wrong")
    {
        var tuple = world.Egress("app=web", address, 80) with { PeerNameIsVerified = isVerified };
        Assert.True(world.Gate.Connect(tuple, out var permit).Allowed);
        return world.Gate.Check(ref permit, Request(value));
    }

    private static TestRequest Request(string value) =>
        value.Length == 0 ? new("GET", "/", "api.example.com") : new("GET", "/", "api.example.com", ("authorization", value));
}
