namespace PolicyProxy.Policy;

/// <summary>
/// Every id a <see cref="PolicyDiagnostic"/> of reading and validation can carry. PP10xx: reading, PP11xx: rules and peers,
/// PP12xx: ports, PP13xx: layer 7, PP15xx: warnings. docs/reference/diagnostics.md explains each; a test compares the two.
/// </summary>
internal static class PolicyDiagnosticIds
{
    /// <summary>The text is not YAML; the rest of the file is not read.</summary>
    public const string YamlSyntax = "PP1001";

    /// <summary>The text is too long, nested too deeply, or its aliases expand too far.</summary>
    public const string LimitExceeded = "PP1002";

    /// <summary>A key stands twice in one mapping.</summary>
    public const string DuplicateKey = "PP1003";

    /// <summary>A value has another JSON type than its field.</summary>
    public const string WrongType = "PP1004";

    /// <summary>A field is not known, or misspelt.</summary>
    public const string UnknownField = "PP1005";

    /// <summary>A required field is missing or empty.</summary>
    public const string MissingField = "PP1006";

    /// <summary>A kind that looks like policy, or its version, is not known.</summary>
    public const string UnknownKind = "PP1007";

    /// <summary>A kind that is not used for policy; the object is skipped.</summary>
    public const string KindNotUsed = "PP1008";

    /// <summary>A field of the policyproxy.dev kinds stands in a cilium.io object.</summary>
    public const string ExtensionField = "PP1009";

    /// <summary>A YAML feature without a JSON counterpart: unknown alias, foreign tag, key that is no scalar.</summary>
    public const string UnsupportedYaml = "PP1010";

    /// <summary>Bytes are not UTF-8, or a Secret's value is not base64.</summary>
    public const string InvalidEncoding = "PP1011";

    /// <summary>A file or directory is missing or cannot be read.</summary>
    public const string SourceUnreadable = "PP1012";

    /// <summary>Two objects have the same kind, namespace and name.</summary>
    public const string DuplicateObject = "PP1013";

    /// <summary>A number lies outside its field's range.</summary>
    public const string NumberOutOfRange = "PP1014";

    /// <summary>A peer of a NetworkPolicy is empty or mixes ipBlock with selectors.</summary>
    public const string NetworkPolicyPeer = "PP1015";

    /// <summary>None of ingress, ingressDeny, egress, egressDeny has an element.</summary>
    public const string NoRules = "PP1101";

    /// <summary>Neither endpointSelector nor nodeSelector is given.</summary>
    public const string NoSubject = "PP1102";

    /// <summary>Both endpointSelector and nodeSelector are given.</summary>
    public const string TwoSubjects = "PP1103";

    /// <summary>nodeSelector in a namespaced policy.</summary>
    public const string NodeSubjectInNamespaced = "PP1104";

    /// <summary>A label key breaks the key syntax.</summary>
    public const string LabelKey = "PP1105";

    /// <summary>A label value breaks the value syntax.</summary>
    public const string LabelValue = "PP1106";

    /// <summary>Unknown selector operator.</summary>
    public const string SelectorOperator = "PP1107";

    /// <summary>The number of values does not fit the selector operator.</summary>
    public const string SelectorValues = "PP1108";

    /// <summary>Two kinds of peers in one rule.</summary>
    public const string PeerKindsCombined = "PP1109";

    /// <summary>Unknown entity.</summary>
    public const string UnknownEntity = "PP1110";

    /// <summary>Not an address prefix.</summary>
    public const string CidrSyntax = "PP1111";

    /// <summary>Not exactly one of cidr, cidrGroupRef, cidrGroupSelector.</summary>
    public const string CidrSource = "PP1112";

    /// <summary>An exception lies outside its prefix.</summary>
    public const string CidrExcept = "PP1113";

    /// <summary>fromNodes / toNodes while node selectors are off.</summary>
    public const string NodesDisabled = "PP1114";

    /// <summary>A DNS name or pattern has a forbidden character or is too long.</summary>
    public const string DnsName = "PP1115";

    /// <summary>matchName and matchPattern in one toFQDNs element.</summary>
    public const string FqdnNameAndPattern = "PP1116";

    /// <summary>Unknown authentication mode.</summary>
    public const string AuthenticationMode = "PP1117";

    /// <summary>icmps and toPorts in one rule.</summary>
    public const string IcmpWithPorts = "PP1118";

    /// <summary>Unknown ICMP family.</summary>
    public const string IcmpFamily = "PP1119";

    /// <summary>Unknown ICMP type name, or a number above 255.</summary>
    public const string IcmpType = "PP1120";

    /// <summary>More than 40 ICMP fields.</summary>
    public const string TooManyIcmpFields = "PP1121";

    /// <summary>icmps while ICMP rules are off.</summary>
    public const string IcmpDisabled = "PP1122";

    /// <summary>fromRequires / toRequires were removed from the API.</summary>
    public const string RequiresRemoved = "PP1123";

    /// <summary>A port entry without port.</summary>
    public const string PortMissing = "PP1201";

    /// <summary>A port is neither a number nor a service name.</summary>
    public const string PortSyntax = "PP1202";

    /// <summary>endPort outside 0..65535, or together with a port name.</summary>
    public const string EndPort = "PP1203";

    /// <summary>Unknown transport protocol, or one that is switched off.</summary>
    public const string UnknownProtocol = "PP1204";

    /// <summary>More than 40 ports in one element.</summary>
    public const string TooManyPorts = "PP1205";

    /// <summary>A server name is empty or has a forbidden character.</summary>
    public const string ServerNameSyntax = "PP1206";

    /// <summary>serverNames with layer 7 rules but without terminatingTLS.</summary>
    public const string ServerNamesWithL7 = "PP1207";

    /// <summary>listener on ingress or with layer 7 rules.</summary>
    public const string ListenerNotAllowed = "PP1208";

    /// <summary>Two layer 7 protocols in one element.</summary>
    public const string L7KindsCombined = "PP1301";

    /// <summary>Layer 7 rules on a port that is not TCP.</summary>
    public const string L7NeedsTcp = "PP1302";

    /// <summary>Layer 7 rules on port 0.</summary>
    public const string L7OnPortZero = "PP1303";

    /// <summary>DNS rules on ingress.</summary>
    public const string DnsOnIngress = "PP1304";

    /// <summary>DNS rules without port or on a port range.</summary>
    public const string DnsPorts = "PP1305";

    /// <summary>A regular expression is not RE2.</summary>
    public const string RegexSyntax = "PP1306";

    /// <summary>A header match without name.</summary>
    public const string HeaderName = "PP1307";

    /// <summary>Unknown mismatch action.</summary>
    public const string HeaderAction = "PP1308";

    /// <summary>A secret reference without name.</summary>
    public const string SecretNameMissing = "PP1309";

    /// <summary>A Kafka rule with an unknown or contradictory part.</summary>
    public const string KafkaRule = "PP1310";

    /// <summary>A gRPC rule with a malformed name.</summary>
    public const string GrpcRule = "PP1311";

    /// <summary>Unknown DNS query type.</summary>
    public const string QueryType = "PP1312";

    /// <summary>Layer 7 rules a node policy cannot carry.</summary>
    public const string L7OnHost = "PP1313";

    /// <summary>Layer 7 rules while the layer 7 proxy is off.</summary>
    public const string L7Disabled = "PP1314";

    /// <summary>l7proto / l7 are not supported.</summary>
    public const string L7ProtoRemoved = "PP1315";

    /// <summary>A peer list is present but empty: the rule selects nothing.</summary>
    public const string EmptyPeerList = "PP1501";

    /// <summary>An element of toPorts has no ports: it admits nothing.</summary>
    public const string EmptyPorts = "PP1502";

    /// <summary>An empty list that Cilium treats as every peer; here it selects nothing.</summary>
    public const string EmptyListFailsClosed = "PP1503";

    /// <summary>rules without any rule: the port is open at layer 4.</summary>
    public const string EmptyL7Rules = "PP1504";

    /// <summary>Cilium's published schema is narrower: the object could not be created in a cluster.</summary>
    public const string SchemaNarrower = "PP1505";

    /// <summary>endPort lower than port has no effect.</summary>
    public const string EndPortIgnored = "PP1506";

    /// <summary>A rule that no request can match.</summary>
    public const string NeverMatches = "PP1507";

    /// <summary>Kafka rules in a cilium.io object: removed in Cilium 1.20.</summary>
    public const string KafkaDeprecated = "PP1508";

    /// <summary>enableDefaultDeny of a direction without rules has no effect.</summary>
    public const string DefaultDenyWithoutRules = "PP1509";

    /// <summary>endpointSelector names another namespace than the policy's own.</summary>
    public const string SubjectNamespace = "PP1510";

    /// <summary>ICMPv4 type 0 opens every ICMPv4 type.</summary>
    public const string IcmpTypeZero = "PP1511";

    /// <summary>Groups are not resolved here: they select nothing.</summary>
    public const string GroupsNotResolved = "PP1512";

    /// <summary>A port with a leading zero is octal.</summary>
    public const string OctalPort = "PP1513";

    /// <summary>A deny rule that denies nothing.</summary>
    public const string EmptyDenyRule = "PP1514";

    /// <summary>A clusterwide object with a namespace: it is ignored.</summary>
    public const string NamespaceIgnored = "PP1515";

    /// <summary>A policy object without any rule.</summary>
    public const string EmptyPolicy = "PP1516";
}
