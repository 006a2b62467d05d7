using System.ComponentModel.DataAnnotations;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.DependencyInjection;

/// <summary>Settings of <c>AddPolicyProxy</c>. Checked once when the host starts; later changes have no effect.</summary>
public sealed class PolicyProxyOptions : IValidatableObject
{
    /// <summary>
    /// Labels of the workload this process is, <c>app=api,tier=web</c>, the subject of the policies. A label without source is a pod
    /// label. Default empty: only policies that select every pod of <see cref="Namespace"/> apply.
    /// </summary>
    [Required(AllowEmptyStrings = true)]
    public string Labels { get; set; } = string.Empty;

    /// <summary>Kubernetes namespace of the subject, unless <see cref="Labels"/> names one. Default <c>default</c>, kubectl's.</summary>
    [Required]
    public string Namespace { get; set; } = "default";

    /// <summary>
    /// Destination port the policies speak of, 1 to 65,535. Default null: the port the connection arrived on. Set it where the
    /// process listens on another port than the workload is known by.
    /// </summary>
    [Range(1, 65535)]
    public int? PolicyPort { get; set; }

    /// <summary>Container ports by name, for rules with port names; ports are 1 to 65,535. Default empty.</summary>
    public IDictionary<string, int> NamedPorts { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>
    /// PEM files with the certificate authorities of SPIFFE trust domains, by the name of the domain: clients that show a certificate of theirs are
    /// known by it. Read again when they change. Default empty: no certificate proves anything.
    /// </summary>
    public IDictionary<string, string> TrustDomains { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>True reports what would be denied and lets it through (Cilium's policy audit mode). Default false.</summary>
    public bool Audit { get; set; }

    /// <summary>True logs denials at Information, at most ten a second and reason; false leaves them to flow observers. Default true.</summary>
    public bool LogDenials { get; set; } = true;

    /// <summary>
    /// True counts every verdict in the meter <c>PolicyProxy</c> (docs/reference/metrics.md); a counted request costs a flow record, about
    /// 1 KiB. Default false.
    /// </summary>
    public bool Metrics { get; set; }

    /// <summary>When policies are in force. Default <see cref="EnforcementMode.Default"/>, Cilium's default.</summary>
    [EnumDataType(typeof(EnforcementMode))]
    public EnforcementMode Enforcement { get; set; } = EnforcementMode.Default;

    /// <summary>Name of the local cluster. Default <c>default</c>, Cilium's <c>cluster-name</c>.</summary>
    [Required]
    public string ClusterName { get; set; } = "default";

    /// <summary>
    /// First line of a denial's body, printable ASCII; CRLF is appended. Default <c>Access denied</c>, Cilium's <c>http-403-msg</c>.
    /// At most 1,024 characters: the text is also sent as <c>grpc-message</c>.
    /// </summary>
    [Required]
    [StringLength(1024)]
    [RegularExpression("[ -~]+")]
    public string DenyMessage { get; set; } = "Access denied";

    /// <summary>What a client sees whose connection no rule admits. Default <see cref="RefusedConnection.Reset"/> (semantics 5.5).</summary>
    [EnumDataType(typeof(RefusedConnection))]
    public RefusedConnection RefusedConnection { get; set; } = RefusedConnection.Reset;

    /// <summary>See <see cref="PolicyCompilerOptions.CiliumCompatible"/>. Default false.</summary>
    public bool CiliumCompatible { get; set; }

    /// <summary>What <c>toFQDNs</c> is true to. Default <see cref="FqdnBinding.Cilium"/>: a policy means what it means in a cluster.</summary>
    [EnumDataType(typeof(FqdnBinding))]
    public FqdnBinding FqdnBinding { get; set; } = FqdnBinding.Cilium;

    /// <summary>See <see cref="PolicyCompilerOptions.IgnoreUnknownFields"/>. Default false.</summary>
    public bool IgnoreUnknownFields { get; set; }

    /// <summary>The subject's labels with its namespace.</summary>
    internal LabelSet SubjectLabels =>
        new([new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, Namespace), .. LabelSet.Parse(Labels).Labels]);

    /// <inheritdoc/>
    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        foreach (var label in LabelSet.Parse(Labels).Labels)
        {
            if (label.Key.Length == 0 || label.Source.Length == 0)
            {
                yield return new ValidationResult($"Labels: '{label}' has no key; write key=value", [nameof(Labels)]);
            }
        }

        foreach (var (domain, file) in TrustDomains)
        {
            if (!SpiffeId.IsTrustDomain(domain) || string.IsNullOrWhiteSpace(file))
            {
                yield return new ValidationResult(
                    $"TrustDomains: '{domain}' = '{file}'; give a trust domain such as example.org and the path of a PEM file", [nameof(TrustDomains)]);
            }
        }

        foreach (var (name, port) in NamedPorts)
        {
            if (name.Length == 0 || port is < 1 or > 65535)
            {
                yield return new ValidationResult($"NamedPorts: '{name}' is port {port}; a port is 1 to 65535", [nameof(NamedPorts)]);
            }
        }
    }
}
