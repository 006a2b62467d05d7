namespace PolicyProxy.Sidecar;

/// <summary>Log events of the sidecar; ids 2200 to 2299. Ids and names are stable and listed in docs/reference/events.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2200, LogLevel.Error, "A connection was closed because of a bug in the relay", EventName = "RelayFault")]
    public static partial void RelayFault(ILogger logger, Exception error);
}
