using System.Net;
using System.Net.Sockets;
using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Launching.Summary;

/// <summary>YAML that would have let denied traffic through, and where it belongs. A proposal: whether it should is for people to say.</summary>
/// <param name="Yaml">Lines to add, without indentation.</param>
/// <param name="Place">Where: <c>after the rule at policy.yaml:12</c>.</param>
internal sealed record AllowingRule(IReadOnlyList<string> Yaml, string Place)
{
    private const string Metacharacters = @"\.+*?()|[]{}^$";

    /// <summary>The rule for one denial; null when a rule refuses it or when no rule can allow it.</summary>
    public static AllowingRule? For(FlowRecord flow) => (flow.Reason, flow.L7) switch
    {
        (VerdictReason.NoRuleMatched, HttpRecord http) when flow.Nearest is { } nearest =>
            new([$"- method: {Scalar(Pattern(http.Method))}", $"  path: {Scalar(Pattern(PathOf(http.Url)))}"], $"after the rule at {nearest.Rule.File}:{nearest.Rule.Line}"),
        (VerdictReason.DefaultDeny, null) when flow.Protocol is TransportProtocol.Tcp or TransportProtocol.Udp => Connection(flow),
        _ => null,
    };

    private static AllowingRule? Connection(FlowRecord flow)
    {
        var isEgress = flow.Direction == TrafficDirection.Egress;
        var peer = (isEgress ? flow.Destination : flow.Source).Address?.Address;
        if (peer is null || flow.Destination.Address is not { } destination || flow.Selecting is not [var policy, ..])
        {
            return null;
        }

        return new(
            [
                isEgress ? "- toCIDR:" : "- fromCIDR:",
                $"  - {Network(peer)}",
                "  toPorts:",
                "  - ports:",
                $"    - port: \"{destination.Port}\"",
                $"      protocol: {flow.Protocol.ToString().ToUpperInvariant()}",
            ],
            $"to {(isEgress ? "egress" : "ingress")} of {policy.Policy} at {policy.File}:{policy.Line}");
    }

    private static string Network(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? $"'{plain}/128'" : $"{plain}/32";
    }

    // scheme://authority/path
    private static string PathOf(string url)
    {
        var authority = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = url.IndexOfAny(['/', '?', '*'], authority);
        return path < 0 ? "/" : url[path..];
    }

    // Methods and paths of rules are regular expressions: what was asked for must stand for nothing else.
    private static string Pattern(string text)
    {
        var pattern = new StringBuilder();
        foreach (var c in text)
        {
            if (Metacharacters.Contains(c, StringComparison.Ordinal))
            {
                pattern.Append('\\');
            }

            pattern.Append(c);
        }

        return pattern.ToString();
    }

    private static string Scalar(string text) =>
        text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-') && text[0] != '-'
            ? text
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
