using Microsoft.Extensions.Logging;

namespace PolicyProxy.Flows;

/// <summary>Log events of this namespace, ids 2100 to 2199. Ids and names are stable and listed in docs/reference/events.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2100, LogLevel.Information, "{Summary} from {Source} to {Destination} denied ({Reason}, {Direction}): {Why}", EventName = "RequestDenied")]
    public static partial void RequestDenied(ILogger logger, string summary, string source, string destination, string reason, string direction, string why);

    [LoggerMessage(2101, LogLevel.Information, "Connection from {Source} to {Destination} denied ({Reason}, {Direction}): {Why}", EventName = "ConnectionDenied")]
    public static partial void ConnectionDenied(ILogger logger, string source, string destination, string reason, string direction, string why);

    [LoggerMessage(2102, LogLevel.Information, "{Summary} from {Source} to {Destination} audited ({Reason}, {Direction}): {Why}", EventName = "RequestAudited")]
    public static partial void RequestAudited(ILogger logger, string summary, string source, string destination, string reason, string direction, string why);

    [LoggerMessage(2103, LogLevel.Information, "Connection from {Source} to {Destination} audited ({Reason}, {Direction}): {Why}", EventName = "ConnectionAudited")]
    public static partial void ConnectionAudited(ILogger logger, string source, string destination, string reason, string direction, string why);

    [LoggerMessage(2104, LogLevel.Warning, "{Summary} from {Source} to {Destination} failed ({Reason}, {Direction}): {Why}", EventName = "FlowFailed")]
    public static partial void FlowFailed(ILogger logger, string summary, string source, string destination, string reason, string direction, string why);

    [LoggerMessage(2105, LogLevel.Information, "{Count} more denials or audits for the reason {Reason} were not logged", EventName = "DenialsSuppressed")]
    public static partial void DenialsSuppressed(ILogger logger, long count, string reason);

    [LoggerMessage(2106, LogLevel.Debug, "{Summary} from {Source} to {Destination} {Verdict} ({Direction})", EventName = "FlowForwarded")]
    public static partial void FlowForwarded(ILogger logger, string summary, string source, string destination, string verdict, string direction);

    [LoggerMessage(2110, LogLevel.Warning, "Flow observer {Observer} threw; {Errors} observer errors so far", EventName = "ObserverFailed")]
    public static partial void ObserverFailed(ILogger logger, string observer, long errors, Exception error);

    [LoggerMessage(2111, LogLevel.Error, "Flow file {Path} cannot be written; flows are lost until it can", EventName = "FlowFileFailed")]
    public static partial void FlowFileFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(2112, LogLevel.Warning, "{Count} flows so far came too fast for flow file {Path}", EventName = "FlowFileLost")]
    public static partial void FlowFileLost(ILogger logger, long count, string path);
}
