using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// Gives a flow to what Kestrel refuses before anybody here sees it: malformed frames and field sections, floods. Its log is the only place that tells of each of
/// them; whether the log is shown makes no difference. Thread-safe.
/// </summary>
internal sealed class KestrelRefusals(PolicyGate gate, ILoggerFactory inner) : ILoggerFactory
{
    private const string Http2 = "Microsoft.AspNetCore.Server.Kestrel.Http2";
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    private readonly ConcurrentDictionary<string, ConnectionPermit> _permits = new(StringComparer.Ordinal);

    /// <summary>Makes a connection known until it ends.</summary>
    public void Add(ConnectionContext connection, in ConnectionPermit permit)
    {
        var id = connection.ConnectionId;
        _permits[id] = permit;
        connection.ConnectionClosed.Register(() => _permits.TryRemove(id, out _));
    }

    public ILogger CreateLogger(string categoryName) =>
        categoryName is Http2 or BadRequests ? new Listener(this, inner.CreateLogger(categoryName)) : inner.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    // The inner factory belongs to the sidecar.
    public void Dispose()
    {
    }

    // A stream that is reset for another reason, a client that gave up for example, is no refusal.
    private static bool IsRefusal(string? name, object? error) =>
        name is "Http2ConnectionError" or "Http2StreamError" or "HPackDecodingError" or "Http2TooManyEnhanceYourCalms" or "ConnectionBadRequest"
        || (name is "Http2StreamResetAbort" && error?.ToString() is "PROTOCOL_ERROR" or "ENHANCE_YOUR_CALM");

    private void Refuse(string connection)
    {
        if (_permits.TryGetValue(connection, out var permit))
        {
            _ = gate.Refuse(ref permit, new ProtocolError(ProtocolErrorCode.Http2Error, 0));
        }
    }

    private sealed class Listener(KestrelRefusals owner, ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values && IsRefusal(eventId.Name, Value(values, "error")))
            {
                var id = (Value(values, "ConnectionId") ?? Value(values, "TraceIdentifier"))?.ToString() ?? string.Empty;
                owner.Refuse(id.Split(':')[0]); // of a stream: the connection, a colon, the stream
            }

            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }

        private static object? Value(IReadOnlyList<KeyValuePair<string, object?>> values, string name)
        {
            foreach (var (key, value) in values)
            {
                if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return null;
        }
    }
}
