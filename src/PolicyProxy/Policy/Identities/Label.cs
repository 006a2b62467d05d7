namespace PolicyProxy.Policy.Identities;

/// <summary>One security label: source, key and value (semantics 2.1).</summary>
/// <param name="Source">Where the label comes from: <c>k8s</c>, <c>reserved</c>, <c>cidr</c>, <c>cidrgroup</c>, <c>fqdn</c>, <c>unspec</c>.</param>
/// <param name="Key">Key without source.</param>
/// <param name="Value">Value; empty for reserved labels.</param>
public readonly record struct Label(string Source, string Key, string Value)
{
    internal const string KubernetesSource = "k8s";
    internal const string ReservedSource = "reserved";
    internal const string AnySource = "any";
    internal const string CidrSource = "cidr";
    internal const string CidrGroupSource = "cidrgroup";
    internal const string FqdnSource = "fqdn";

    /// <summary>Parses <c>[source:]key[=value]</c>; a text without source becomes <c>k8s</c>, the source of workload labels.</summary>
    public static Label Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = equals < 0 ? (text, string.Empty) : (text[..equals], text[(equals + 1)..]);
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? new Label(KubernetesSource, key, value) : new Label(key[..colon], key[(colon + 1)..], value);
    }

    /// <summary><c>source:key=value</c>, or <c>source:key</c> when the value is empty: the form Hubble prints.</summary>
    public override string ToString() => Value.Length == 0 ? $"{Source}:{Key}" : $"{Source}:{Key}={Value}";
}
