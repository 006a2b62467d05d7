using PolicyProxy.Policy;

namespace PolicyProxy.DependencyInjection;

/// <summary>The policies given at start cannot be used. The message has all diagnostics, one a line, errors and warnings alike.</summary>
public sealed class PolicyLoadException : Exception
{
    internal PolicyLoadException(string message, IReadOnlyList<PolicyDiagnostic> diagnostics)
        : base(message) => Diagnostics = diagnostics;

    /// <summary>All problems of all files; empty when there was no policy source at all.</summary>
    public IReadOnlyList<PolicyDiagnostic> Diagnostics { get; }

    internal static PolicyLoadException Create(IReadOnlyList<PolicyDiagnostic> diagnostics) =>
        new("The policies were refused:" + Environment.NewLine + string.Join(Environment.NewLine, diagnostics), diagnostics);
}
