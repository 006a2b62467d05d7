using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Turns one ingress or egress element into entries: selectors x ports x what applies there (semantics 2.5, 4.1, 4.7).</summary>
internal sealed class EntryCompiler(CompilationContext context, PolicyDocument document, PolicyRule rule)
{
    private static readonly TransportProtocol[] AnyProtocol = [TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp];

    private readonly PeerCompiler _peers = new(context, document, rule);
    private readonly L7RuleCompiler _l7 = new(context, document, rule);

    public CompiledDirectionRule Compile(DirectionRule element, bool deny)
    {
        var origin = Origin(element.Path, element.Span);
        var selectors = _peers.Compile(element, out var isAbsent);
        var authentication = Authentication(element);
        var plain = new SelectorPolicy { Deny = deny, Authentication = authentication, Origins = [origin] };
        var hasL4 = element.ToPorts is { Count: > 0 } || element.Icmps is { Count: > 0 };
        if (isAbsent)
        {
            // No peer field: everybody on the listed ports; without ports nobody, the element only isolates (edge case 1).
            selectors = hasL4 ? [WildcardSelector.Instance] : [];
        }

        if (selectors.Count == 0)
        {
            return new CompiledDirectionRule(origin, []);
        }

        if (!hasL4)
        {
            return new CompiledDirectionRule(origin, [new CompiledEntry(selectors, PortKey.All, plain)]);
        }

        var entries = new List<CompiledEntry>();
        foreach (var portRule in element.ToPorts ?? [])
        {
            AddPorts(entries, selectors, portRule, deny, authentication);
        }

        foreach (var field in (element.Icmps ?? []).SelectMany(i => i.Fields))
        {
            entries.Add(new CompiledEntry(selectors, Icmp(field), plain));
        }

        return new CompiledDirectionRule(origin, entries);
    }

    private static PortKey Icmp(IcmpField field)
    {
        var isV6 = string.Equals(field.Family.Value, "IPv6", StringComparison.Ordinal);

        _ = IcmpTypes.TryParse(field.Type.Value, isV6, out var type);

        // Type 0 collapses to port 0, which is every type (edge case 42).
        return new PortKey(isV6 ? TransportProtocol.IcmpV6 : TransportProtocol.Icmp, type, 0, null);
    }

    private static IEnumerable<TransportProtocol> Protocols(PortProtocol port) => port.Protocol.Value.ToUpperInvariant() switch
    {
        "TCP" => [TransportProtocol.Tcp],
        "UDP" => [TransportProtocol.Udp],
        "SCTP" => [TransportProtocol.Sctp],
        _ => AnyProtocol,
    };

    // Without a namespace the secret is in the policy's, as those of header matches.
    private TlsContext? Tls(TlsContextSpec? spec) => spec is null
        ? null
        : new TlsContext(
            string.IsNullOrEmpty(spec.Secret?.Namespace) ? document.Namespace ?? "default" : spec.Secret.Namespace,
            spec.Secret?.Name ?? string.Empty,
            spec.TrustedCa ?? "ca.crt",
            spec.Certificate ?? "tls.crt",
            spec.PrivateKey ?? "tls.key")
        {
            NamesTrustedCa = spec.TrustedCa is not null,
        };

    private static AuthenticationMode? Authentication(DirectionRule element) => element.AuthenticationMode?.Value switch
    {
        "required" => AuthenticationMode.Required,
        "test-always-fail" => AuthenticationMode.TestAlwaysFail,
        "disabled" => AuthenticationMode.Disabled,
        _ => null,
    };

    private void AddPorts(List<CompiledEntry> entries, IReadOnlyList<PeerSelector> selectors, PortRule portRule, bool deny, AuthenticationMode? authentication)
    {
        var policy = Policy(portRule, deny) with { Authentication = authentication };
        foreach (var port in portRule.Ports)
        {
            if (!PortSyntax.TryParse(port.Port.Value, out var parsed))
            {
                continue;
            }

            var endPort = parsed.Name is null && port.EndPort > parsed.Number ? (ushort)port.EndPort : (ushort)0;
            foreach (var protocol in Protocols(port))
            {
                // Only TCP goes through the HTTP proxy; an ANY port's UDP part with L7 does not exist (semantics 4.6).
                entries.Add(new CompiledEntry(selectors, new PortKey(protocol, parsed.Number, endPort, parsed.Name), policy));
            }

            if (policy.Parser == L7Kind.Http && parsed.Name is null && port.EndPort > 0 && port.EndPort < parsed.Number)
            {
                context.Report(RealisationIds.InvertedRange, DiagnosticSeverity.Error, port.Span, $"endPort {port.EndPort} is below port {parsed.Number}, which no proxy accepts together with L7 rules", "swap the two numbers");
            }
        }
    }

    private SelectorPolicy Policy(PortRule portRule, bool deny)
    {
        var origin = Origin(portRule.Path, portRule.Span);
        if (deny)
        {
            return new SelectorPolicy { Deny = true, Origins = [origin] };
        }

        var policy = _l7.Compile(portRule.Rules) with
        {
            ServerNames = [.. (portRule.ServerNames ?? []).Select(ServerName).OfType<ServerNameRule>()],
            Terminating = Tls(portRule.TerminatingTls),
            Originating = Tls(portRule.OriginatingTls),
            Listener = portRule.Listener is { } l ? new ListenerReference(l.EnvoyConfigKind, l.EnvoyConfigName, l.Name, l.Priority) : null,
            Origins = [origin],
        };
        var needsTls = policy.ServerNames.Count > 0 || policy.Terminating is not null || policy.Originating is not null;
        if (policy.Listener is not null && document.IsClusterwide && policy.Listener.ConfigKind == "CiliumEnvoyConfig")
        {
            context.Report(RealisationIds.Listener, DiagnosticSeverity.Error, portRule.Listener!.Span, "a clusterwide policy cannot refer to a namespaced CiliumEnvoyConfig", "refer to a CiliumClusterwideEnvoyConfig");
        }

        return policy with
        {
            Parser = policy.Listener is not null ? L7Kind.Listener : policy.Parser == L7Kind.None && needsTls ? L7Kind.Tls : policy.Parser,
        };
    }

    private ServerNameRule? ServerName(Located<string> name)
    {
        if (ServerNamePattern.TryParse(name.Value, out var pattern, out var reason))
        {
            return new ServerNameRule(pattern, Origin(string.Empty, name.Span));
        }

        context.Report(RealisationIds.ServerName, DiagnosticSeverity.Error, name.Span, $"server name \"{name.Value}\" is not a pattern the proxy accepts: {reason}", "use a name, `*.name` or `**.name`");
        return null;
    }

    private RuleOrigin Origin(string path, SourceSpan span) => CompilationContext.Origin(document, rule, path, span);
}
