using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Decrypting;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>How a command is held to policy.</summary>
internal enum RunMode
{
    /// <summary>The kernel redirects and refuses: nothing the command does goes around it.</summary>
    Transparent,

    /// <summary>The command is told of a proxy in its environment, which it may ignore.</summary>
    Proxy,
}

/// <summary>What an <see cref="IEnforcement"/> has to know of one run. Immutable.</summary>
internal sealed record RunOptions
{
    /// <summary>Policy files and folders.</summary>
    public required IReadOnlyList<string> PolicyPaths { get; init; }

    /// <summary>A policy beside the files, as YAML; null = none.</summary>
    public string? ImplicitPolicy { get; init; }

    /// <summary>Files and folders with the objects policies refer to.</summary>
    public IReadOnlyList<string> InventoryPaths { get; init; } = [];

    /// <summary>Labels of the command, the subject of the policies.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>What <c>toFQDNs</c> is true to.</summary>
    public FqdnBinding FqdnBinding { get; init; } = FqdnBinding.Strict;

    /// <summary>See <see cref="Policy.Compilation.PolicyCompilerOptions.CiliumCompatible"/>.</summary>
    public bool CiliumCompatible { get; init; }

    /// <summary>Decrypts TLS where rules need what is inside. Null = such connections are refused.</summary>
    public DecryptionOptions? Decryption { get; init; }

    /// <summary>The command's environment, <c>NAME=VALUE</c> each; null = that of this process.</summary>
    public IReadOnlyList<byte[]>? Variables { get; init; }

    /// <summary>What Kafka clients get to see.</summary>
    public KafkaOptions Kafka { get; init; } = new();

    /// <summary>True reports what would be denied, and lets it through.</summary>
    public bool Audit { get; init; }

    public RunMode Mode { get; init; }

    /// <summary>
    /// Takes the number of connections the kernel allowed by itself, at the end; no flow is made of them then. Null = each is a flow, which
    /// costs a busy command some speed.
    /// </summary>
    public Action<long>? OnAllowedByKernel { get; init; }

    /// <summary>Sees every flow.</summary>
    public required IReadOnlyList<IFlowObserver> Observers { get; init; }
}
