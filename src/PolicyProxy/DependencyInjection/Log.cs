using Microsoft.Extensions.Logging;
using PolicyProxy.Policy;

namespace PolicyProxy.DependencyInjection;

/// <summary>Events 2300 to 2399: policies being loaded. The category is <see cref="PolicyLoader"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(2300, LogLevel.Information, "Policy revision {Revision} is in force: {Count} policies", EventName = "PoliciesInForce")]
    public static partial void PoliciesInForce(ILogger logger, ulong revision, int count);

    [LoggerMessage(2301, LogLevel.Error, "New policies refused, revision {Revision} stays in force", EventName = "PoliciesRefused")]
    public static partial void PoliciesRefused(ILogger logger, ulong revision);

    [LoggerMessage(2302, LogLevel.Error, "{Diagnostic}", EventName = "PolicyError")]
    public static partial void PolicyError(ILogger logger, PolicyDiagnostic diagnostic);

    [LoggerMessage(2303, LogLevel.Warning, "{Diagnostic}", EventName = "PolicyWarning")]
    public static partial void PolicyWarning(ILogger logger, PolicyDiagnostic diagnostic);
}
