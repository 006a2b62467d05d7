namespace PolicyProxy.Architecture.Tests.Layers;

/// <summary>The dependency rules of the solution; docs/explanation/architecture.md draws the picture they keep true.</summary>
internal static class LayerRules
{
    // AddressFamily is an enumeration that happens to live among the sockets.
    private static readonly string[] s_language =
    [
        "System", "System.Net.Sockets.AddressFamily", "Microsoft.CodeAnalysis", "Microsoft.Extensions.Primitives",
    ];

    private static readonly string[] s_noInputOutput =
    [
        "System.IO", "System.Net.Sockets", "System.Threading.Tasks", "System.Text.RegularExpressions", "System.Diagnostics.Process",
        "Microsoft.AspNetCore", "Microsoft.Extensions.Logging",
    ];

    // The words of a verdict live in the gate's namespace, where users look for them; layers below may say them.
    private static readonly string[] s_verdictWords =
    [
        "PolicyProxy.Gate.Verdict", "PolicyProxy.Gate.VerdictReason", "PolicyProxy.Gate.L7Kind", "PolicyProxy.Gate.RuleOrigin",
        "PolicyProxy.Gate.HeaderEdit", "PolicyProxy.Gate.HeaderEditKind", "PolicyProxy.Gate.ExplanationStep", "PolicyProxy.Gate.StepOutcome",
        "PolicyProxy.Gate.KafkaCall", "PolicyProxy.Flows.NearestRule",
    ];

    public static IReadOnlyList<LayerRule> Protocols { get; } =
    [
        Protocol("PolicyProxy.Protocols"),
        Protocol("PolicyProxy.Protocols.Http"),
        Protocol("PolicyProxy.Protocols.Grpc", "PolicyProxy.Protocols.Http"),
        Protocol("PolicyProxy.Protocols.Kafka"),
        Protocol("PolicyProxy.Protocols.Dns"),
        Protocol("PolicyProxy.Protocols.Tls"),
    ];

    public static IReadOnlyList<LayerRule> Library { get; } =
    [
        // Only the YAML reader knows the YAML library; nobody below the sidecar knows the sidecar.
        new("PolicyProxy") { May = ["System", "Microsoft"], Never = ["PolicyProxy.Sidecar", "PolicyProxy.DependencyInjection"] },
        new("PolicyProxy.Policy") { May = s_language, Never = ["PolicyProxy.Policy.Yaml", .. s_noInputOutput] },
        new("PolicyProxy.Policy.Model") { May = [.. s_language, "PolicyProxy.Policy.PolicyDiagnostic"], Never = s_noInputOutput },
        new("PolicyProxy.Policy.Identities") { May = [.. s_language, "PolicyProxy.Policy.Model"], Never = s_noInputOutput },
        new("PolicyProxy.Policy.Re2") { May = s_language, Never = s_noInputOutput },
        new("PolicyProxy.Policy.Yaml")
        {
            May = [.. s_language, "YamlDotNet", .. PolicyRoot, "PolicyProxy.Policy.Model"],
            Never = ["System.Net.Sockets", "System.Threading.Tasks", "Microsoft.AspNetCore"],
        },
        new("PolicyProxy.Policy.Compilation")
        {
            May =
            [
                .. s_language, .. PolicyRoot, .. s_verdictWords, "PolicyProxy.Policy.Model", "PolicyProxy.Policy.Identities", "PolicyProxy.Policy.Snapshot",
                "PolicyProxy.Policy.Re2", "PolicyProxy.Policy.Sources.PolicyInput", "PolicyProxy.Protocols.Dns.DnsQueryType",
            ],
            Never = ["System.TimeProvider", .. s_noInputOutput],
        },
        new("PolicyProxy.Policy.Snapshot")
        {
            May =
            [
                .. s_language, .. s_verdictWords, "PolicyProxy.Policy.Identities", "PolicyProxy.Policy.Model.NamedPort", "PolicyProxy.Policy.Re2",
                "PolicyProxy.Protocols",
            ],
            Never = ["System.TimeProvider", "System.Threading.Lock", "System.Threading.Monitor", .. s_noInputOutput],
        },
        new("PolicyProxy.Policy.Sources")
        {
            May = [.. s_language, .. PolicyRoot, "Microsoft.Extensions", "PolicyProxy.Policy.Model", "PolicyProxy.Policy.Yaml"],
            Never = ["System.Net.Sockets", "Microsoft.AspNetCore"],
        },
        new("PolicyProxy.Policy.Persistence")
        {
            May = [.. s_language, "Microsoft.Win32.SafeHandles", "PolicyProxy.Policy.Identities.Learning"],
            Never = ["System.Net.Sockets", "Microsoft.AspNetCore"],
        },
        new("PolicyProxy.Gate")
        {
            May = [.. s_language, .. PolicyRoot, "PolicyProxy.Policy", "PolicyProxy.Protocols", "PolicyProxy.Flows"],
            Never = ["PolicyProxy.Policy.Yaml", "PolicyProxy.Enforcement", .. s_noInputOutput],
        },
        new("PolicyProxy.Flows")
        {
            May = [.. s_language, "Microsoft.Extensions", .. s_verdictWords, "PolicyProxy.Gate.WorkloadProcess", "PolicyProxy.Policy.Identities", "PolicyProxy.Protocols"],
            Never = ["System.Net.Sockets", "Microsoft.AspNetCore"],
        },
        Adapter("PolicyProxy.Enforcement"),
        Adapter("PolicyProxy.Enforcement.AspNetCore"),
        Adapter("PolicyProxy.Enforcement.Client"),
        Adapter("PolicyProxy.Enforcement.Interceptors"),
        new("PolicyProxy.Spiffe")
        {
            May = [.. s_language, "Microsoft.Extensions", "PolicyProxy.Policy.Identities", "PolicyProxy.Policy.Sources.PathWatcher"],
            Never = ["System.Net.Sockets", "Microsoft.AspNetCore"],
        },
        new("PolicyProxy.Testing")
        {
            May = [.. s_language, "PolicyProxy.Gate", "PolicyProxy.Flows", "PolicyProxy.Protocols", "PolicyProxy.Policy"],
            Never = ["System.Net.Sockets", "Microsoft.AspNetCore", "PolicyProxy.Enforcement"],
        },
        new("PolicyProxy.DependencyInjection") { May = ["System", "Microsoft", "PolicyProxy"], Never = ["PolicyProxy.Sidecar"] },
    ];

    private static string[] PolicyRoot =>
        ["PolicyProxy.Policy.PolicyDiagnostic", "PolicyProxy.Policy.PolicyDiagnosticIds", "PolicyProxy.Policy.DiagnosticSeverity"];

    // An adapter sees the gate, never the policy behind it. It may compare the states of two permits, which have no members for it.
    private static LayerRule Adapter(string space) => new(space)
    {
        May =
        [
            "System", "Microsoft", "PolicyProxy.Gate", "PolicyProxy.Protocols", "PolicyProxy.Flows", "PolicyProxy.Policy.Identities",
            "PolicyProxy.Policy.Snapshot.EngineState",
            "PolicyProxy.Spiffe",
            "Grpc.Core", "PolicyProxy.Enforcement.Interceptors",
        ],
        Never = ["PolicyProxy.Policy", "System.Text.RegularExpressions"],
    };

    private static LayerRule Protocol(string space, params string[] others) => new(space)
    {
        May =
        [
            "System", "System.Net.Sockets.AddressFamily", .. others, "PolicyProxy.Protocols.ProtocolError", "PolicyProxy.Protocols.ProtocolErrorCode",
            "PolicyProxy.Protocols.SpanReader", "PolicyProxy.Protocols.IFrameScanner", "Microsoft.CodeAnalysis",
        ],
        Never = [.. s_noInputOutput, "System.TimeProvider", "System.Threading"],
    };
}
