using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Flows.Formats;

namespace PolicyProxy.Flows;

/// <summary>How a flow file is written. Immutable.</summary>
internal sealed record FlowFileOptions
{
    /// <summary>Name of the output in log messages.</summary>
    public string Name { get; init; } = "stream";

    /// <summary>What the lines say.</summary>
    public FlowJsonOptions Json { get; init; } = new();

    /// <summary>Clock for the time of lost events.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Hears of write failures and lost flows.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
