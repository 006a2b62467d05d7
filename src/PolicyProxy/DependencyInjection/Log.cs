using Microsoft.Extensions.Logging;
using PolicyProxy.Policy;

namespace PolicyProxy.DependencyInjection;

/// <summary>Events 100 to 199: policies being loaded. The category is <see cref="PolicyLoader"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "Policy revision {Revision} is in force: {Count} policies", EventName = "PoliciesInForce")]
    public static partial void PoliciesInForce(ILogger logger, ulong revision, int count);

    [LoggerMessage(101, LogLevel.Error, "New policies refused, revision {Revision} stays in force", EventName = "PoliciesRefused")]
    public static partial void PoliciesRefused(ILogger logger, ulong revision);

    [LoggerMessage(102, LogLevel.Error, "{Diagnostic}", EventName = "PolicyError")]
    public static partial void PolicyError(ILogger logger, PolicyDiagnostic diagnostic);

    [LoggerMessage(103, LogLevel.Warning, "{Diagnostic}", EventName = "PolicyWarning")]
    public static partial void PolicyWarning(ILogger logger, PolicyDiagnostic diagnostic);
}
