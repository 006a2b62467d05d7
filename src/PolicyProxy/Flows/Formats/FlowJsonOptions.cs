namespace PolicyProxy.Flows.Formats;

/// <summary>What JSON lines say beside the flow. Immutable.</summary>
internal sealed record FlowJsonOptions
{
    /// <summary><c>cluster/node</c>, as Hubble names nodes. Default: cluster <c>default</c> and the machine's name.</summary>
    public string NodeName { get; init; } = "default/" + Environment.MachineName;

    /// <summary>Cluster of workloads whose labels do not name one. Default <c>default</c>.</summary>
    public string ClusterName { get; init; } = "default";

    /// <summary>Version reported as the emitter's. Default: that of this assembly.</summary>
    public string EmitterVersion { get; init; } = typeof(FlowJsonOptions).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>What is taken out of URLs.</summary>
    public FlowRedaction Redaction { get; init; } = FlowRedaction.Default;
}
