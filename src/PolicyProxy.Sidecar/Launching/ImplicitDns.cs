using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// A rule for DNS that policies with <c>toFQDNs</c> mean and do not have: without one no name is ever looked up, so none is ever learned. It allows
/// the names of <c>toFQDNs</c> at the machine's resolvers, and nothing else.
/// </summary>
internal static class ImplicitDns
{
    private const ushort Port = 53;

    /// <summary>The policy to add; null if the policies name no peers, or speak of DNS themselves.</summary>
    /// <param name="engine">The policies.</param>
    /// <param name="subject">The command's identity.</param>
    /// <param name="resolvers">The machine's resolvers.</param>
    /// <param name="ownAddresses">The machine's addresses.</param>
    public static string? PolicyFor(
        PolicyEngine engine, Identity subject, IReadOnlyList<IPAddress> resolvers, IReadOnlyCollection<IPAddress> ownAddresses)
    {
        var names = engine.State?.Policy.Scope.FqdnSelectors ?? [];
        return names.Count == 0 || resolvers.Any(resolver => IsAllowed(engine, subject, resolver)) ? null : Write(resolvers, ownAddresses, names);
    }

    private static bool IsAllowed(PolicyEngine engine, Identity subject, IPAddress resolver) =>
        new PolicyGate(engine, new FlowPublisher(), TimeProvider.System).Preview(new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = subject,
            Protocol = TransportProtocol.Udp,
            Port = Port,
            Destination = new IPEndPoint(resolver, Port),
        }).IsAllowed;

    private static string Write(
        IReadOnlyList<IPAddress> resolvers, IReadOnlyCollection<IPAddress> ownAddresses, IReadOnlyCollection<FqdnSelector> names)
    {
        var rules = names.Select(static name => name.ExactName is { } exact ? $"{{matchName: {Quoted(exact)}}}" : $"{{matchPattern: {Quoted(name.Pattern)}}}").Distinct().Order(StringComparer.Ordinal);
        var ports = $"toPorts: [{{ports: [{{port: \"{Port}\", protocol: ANY}}], rules: {{dns: [{string.Join(", ", rules)}]}}}}]";
        var yaml = new StringBuilder(
            $$"""
            apiVersion: cilium.io/v2
            kind: CiliumClusterwideNetworkPolicy
            metadata: {name: implicit-dns}
            spec:
              endpointSelector: {}
              egress:

            """);

        // A network never selects the machine itself (semantics 2.7).
        var others = resolvers.Where(address => !IsOwn(address, ownAddresses)).ToList();
        if (others.Count > 0)
        {
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - toCIDR: [{string.Join(", ", others.Select(static address => $"\"{address}/{(address.GetAddressBytes().Length * 8)}\""))}]\n    {ports}\n");
        }

        if (others.Count < resolvers.Count)
        {
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"  - toEntities: [host]\n    {ports}\n");
        }

        return yaml.ToString();
    }

    private static bool IsOwn(IPAddress address, IReadOnlyCollection<IPAddress> own) => IPAddress.IsLoopback(address) || own.Contains(address);

    // A JSON string is a YAML string.
    private static string Quoted(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
}
