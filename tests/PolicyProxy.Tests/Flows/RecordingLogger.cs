using Microsoft.Extensions.Logging;

namespace PolicyProxy.Tests.Flows;

/// <summary>Keeps what was logged. Thread-safe for writing.</summary>
internal sealed class RecordingLogger<T>(LogLevel minimum = LogLevel.Trace) : ILogger<T>
{
    private readonly Lock _sync = new();

    public List<(LogLevel Level, EventId Id, string Text)> Entries { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_sync)
        {
            Entries.Add((logLevel, eventId, formatter(state, exception)));
        }
    }
}
