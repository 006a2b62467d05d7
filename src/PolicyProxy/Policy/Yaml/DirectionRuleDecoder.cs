using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes the elements of ingress, egress and their deny twins (semantics 1.3, 1.4).</summary>
internal static class DirectionRuleDecoder
{
    public static DirectionRule? Ingress(YamlValue value, string path, DecodeScope scope) => Decode(value, path, scope, "from", isDeny: false);

    public static DirectionRule? IngressDeny(YamlValue value, string path, DecodeScope scope) => Decode(value, path, scope, "from", isDeny: true);

    public static DirectionRule? Egress(YamlValue value, string path, DecodeScope scope) => Decode(value, path, scope, "to", isDeny: false);

    public static DirectionRule? EgressDeny(YamlValue value, string path, DecodeScope scope) => Decode(value, path, scope, "to", isDeny: true);

    private static DirectionRule? Decode(YamlValue value, string path, DecodeScope scope, string side, bool isDeny)
    {
        if (FieldReader.Open(value, path, scope) is not { } fields)
        {
            return null;
        }

        var isEgress = side == "to";
        var rule = new DirectionRule
        {
            Path = path,
            Span = value.Span,
            Endpoints = fields.List(side + "Endpoints", SelectorDecoder.Decode),
            Nodes = fields.List(side + "Nodes", SelectorDecoder.Decode),
            Entities = fields.TextList(side + "Entities"),
            Cidrs = fields.TextList(side + "CIDR"),
            CidrSets = fields.List(side + "CIDRSet", PeerDecoder.CidrRule),
            Groups = AsJson(fields, side + "Groups"),
            Requires = AsJson(fields, side + "Requires"),
            Services = isEgress ? PeerDecoder.Services(fields, scope) : null,
            Fqdns = isEgress && !isDeny ? fields.List("toFQDNs", PeerDecoder.Fqdn) : null,
            ToPorts = fields.List<PortRule>("toPorts", isDeny ? PortRuleDecoder.Deny : PortRuleDecoder.Allow),
            Icmps = fields.List("icmps", PeerDecoder.Icmp),
            AuthenticationMode = isDeny ? null : AuthenticationMode(fields),
        };
        fields.Close();
        return rule;
    }

    private static Located<string>? AuthenticationMode(FieldReader fields)
    {
        if (fields.Map("authentication") is not { } authentication)
        {
            return null;
        }

        var mode = authentication.Text("mode");
        authentication.Close();
        return mode;
    }

    /// <summary>Elements whose inner shape does not matter here.</summary>
    private static List<Located<string>>? AsJson(FieldReader fields, string name) =>
        fields.Elements(name)?.Select(static e => new Located<string>(CanonicalJson.Write(e), e.Span)).ToList();
}
