using System.Net;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>One end of the connection asked about. Immutable.</summary>
/// <param name="Text">As the answer calls it.</param>
/// <param name="Identity">Who it is by the policies in force.</param>
internal sealed record ExplainEnd(string Text, Identity Identity)
{
    /// <summary>Its address; null when it was given by labels.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>True for pods: they have policies of their own.</summary>
    public bool IsWorkload { get; init; }
}
