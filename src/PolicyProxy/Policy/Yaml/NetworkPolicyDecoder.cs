using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes <c>spec</c> of a Kubernetes NetworkPolicy.</summary>
internal static class NetworkPolicyDecoder
{
    public static NetworkPolicySpec? Decode(YamlValue value, DecodeScope scope)
    {
        if (FieldReader.Open(value, "spec", scope) is not { } fields)
        {
            return null;
        }

        var spec = new NetworkPolicySpec(value.Span, SelectorDecoder.Field(fields, "podSelector", scope) ?? new SelectorSpec(value.Span))
        {
            PolicyTypes = PolicyTypes(fields, scope),
            Ingress = fields.List("ingress", static (v, path, s) => Rule(v, path, "from", s)) ?? [],
            Egress = fields.List("egress", static (v, path, s) => Rule(v, path, "to", s)) ?? [],
        };
        fields.Close();
        return spec;
    }

    private static List<string> PolicyTypes(FieldReader fields, DecodeScope scope)
    {
        var types = new List<string>();
        foreach (var type in fields.TextList("policyTypes") ?? [])
        {
            types.Add(type.Value);
            if (type.Value is not ("Ingress" or "Egress"))
            {
                // An unknown type would silently leave a direction open.
                scope.Error(PolicyDiagnosticIds.WrongType, type.Span, $"policyTypes must be Ingress or Egress, found \"{type.Value}\"", "write Ingress or Egress");
            }
        }

        return types;
    }

    private static NetworkPolicyRule? Rule(YamlValue value, string path, string peers, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var rule = new NetworkPolicyRule(value.Span, path)
        {
            Peers = fields.List(peers, Peer) ?? [],
            Ports = fields.List("ports", Port) ?? [],
        };
        fields.Close();
        return rule;
    }

    private static NetworkPolicyPeer? Peer(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var peer = new NetworkPolicyPeer(
            value.Span,
            SelectorDecoder.Field(fields, "podSelector", scope),
            SelectorDecoder.Field(fields, "namespaceSelector", scope),
            IpBlock(fields));
        fields.Close();
        var hasSelector = peer.PodSelector is not null || peer.NamespaceSelector is not null;
        if (!scope.Failed && hasSelector == (peer.IpBlock is not null))
        {
            scope.Error(
                PolicyDiagnosticIds.NetworkPolicyPeer,
                value.Span,
                hasSelector ? $"{path} has ipBlock together with a selector" : $"{path} is empty",
                "give a podSelector and/or a namespaceSelector, or an ipBlock alone");
        }

        return peer;
    }

    private static CidrRule? IpBlock(FieldReader peer)
    {
        if (peer.Map("ipBlock") is not { } fields)
        {
            return null;
        }

        var block = new CidrRule(fields.Span) { Cidr = fields.TextOrEmpty("cidr"), Except = fields.TextList("except") ?? [] };
        fields.Close();
        return block;
    }

    /// <summary>No port means port 0, which is every port; no protocol means TCP (semantics 1.12).</summary>
    private static PortProtocol? Port(YamlValue value, string path, DecodeScope scope)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var port = new PortProtocol(
            value.Span,
            fields.IntegerOrText("port") ?? new Located<string>("0", value.Span),
            fields.Int32("endPort") ?? 0,
            fields.Text("protocol") ?? new Located<string>("TCP", value.Span));
        fields.Close();
        return port;
    }
}
