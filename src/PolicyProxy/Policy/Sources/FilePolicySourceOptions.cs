using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Policy.Sources;

/// <summary>How a <see cref="FilePolicySource"/> reads and watches. Immutable.</summary>
internal sealed record FilePolicySourceOptions
{
    public PolicyReadOptions Reading { get; init; } = PolicyReadOptions.Default;

    /// <summary>Quiet time after a file event before the content is compared, so that one save is one change. Default 200 ms.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often the content is compared without any event, for file systems that send none (NFS, some containers). Default 10 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>False leaves change detection to polling alone.</summary>
    public bool UseFileEvents { get; init; } = true;

    /// <summary>Most files read from a directory tree. Default 10,000.</summary>
    public int MaxFiles { get; init; } = 10_000;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
