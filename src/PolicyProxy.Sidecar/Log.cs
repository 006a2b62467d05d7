namespace PolicyProxy.Sidecar;

/// <summary>Log events of the sidecar; ids 2200 to 2299. Ids and names are stable and listed in docs/reference/events.md.</summary>
internal static partial class Log
{
    [LoggerMessage(2200, LogLevel.Error, "A connection was closed because of a bug in the relay", EventName = "RelayFault")]
    public static partial void RelayFault(ILogger logger, Exception error);

    [LoggerMessage(2201, LogLevel.Error, "The kernel has no room for the new policy; the one before stays in force there", EventName = "PolicyNotPublished")]
    public static partial void PolicyNotPublished(ILogger logger, Exception error);

    [LoggerMessage(2203, LogLevel.Error, "A DNS query was dropped because of a bug in the proxy", EventName = "DnsFault")]
    public static partial void DnsFault(ILogger logger, Exception error);

    [LoggerMessage(2204, LogLevel.Warning, "{Reason}", EventName = "NamesNotRead")]
    public static partial void NamesNotRead(ILogger logger, string reason);

    [LoggerMessage(2205, LogLevel.Warning, "The learned names cannot be kept in {Path}", EventName = "NamesNotWritten")]
    public static partial void NamesNotWritten(ILogger logger, string path, Exception error);

    [LoggerMessage(2206, LogLevel.Error, "The TLS secret {Secret} cannot be used, the one before stays in use: {Reason}", EventName = "TlsSecretNotUsed")]
    public static partial void TlsSecretNotUsed(ILogger logger, string secret, string reason);

    [LoggerMessage(2202, LogLevel.Error, "What the kernel told could not be reported because of a bug", EventName = "EventFault")]
    public static partial void EventFault(ILogger logger, Exception error);
}
