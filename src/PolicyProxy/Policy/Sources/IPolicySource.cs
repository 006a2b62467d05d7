using Microsoft.Extensions.Primitives;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Sources;

/// <summary>Where policies come from. Implementations are thread-safe.</summary>
public interface IPolicySource
{
    /// <summary>Reads the current policies. Never throws for bad input: problems are in <see cref="PolicyInput.Diagnostics"/>.</summary>
    PolicyInput GetPolicies();
}

/// <summary>One consistent version of the input: one object, one version.</summary>
public sealed class PolicyInput
{
    internal PolicyInput(PolicyObjects objects, IReadOnlyList<PolicyDiagnostic> diagnostics, string revisionId, IChangeToken changeToken)
    {
        Objects = objects;
        Diagnostics = diagnostics;
        RevisionId = revisionId;
        ChangeToken = changeToken;
    }

    /// <summary>Problems found while reading.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    /// <summary>Changes with the content: the SHA-256 of what was read, in hexadecimal.</summary>
    public string RevisionId { get; }

    /// <summary>Signals that <see cref="IPolicySource.GetPolicies"/> would now give something else.</summary>
    public IChangeToken ChangeToken { get; }

    internal PolicyObjects Objects { get; }
}
