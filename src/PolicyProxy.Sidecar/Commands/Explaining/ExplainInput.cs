using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>The options of <c>explain</c> as typed. Immutable.</summary>
internal sealed record ExplainInput
{
    public required IReadOnlyList<string> Policies { get; init; }

    public IReadOnlyList<string> Inventory { get; init; } = [];

    public string? Subject { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public string? Namespace { get; init; }

    public ushort? Port { get; init; }

    /// <summary>Null = found out from the other options.</summary>
    public TrafficDirection? Direction { get; init; }

    /// <summary>See <see cref="Policy.Compilation.PolicyCompilerOptions.CiliumCompatible"/>.</summary>
    public bool CiliumCompatible { get; init; }

    public required AskedRequest Request { get; init; }
}
