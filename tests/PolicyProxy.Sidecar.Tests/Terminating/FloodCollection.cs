namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>Tests that measure the memory of the process, so nothing else may run in it.</summary>
[CollectionDefinition(nameof(FloodCollection), DisableParallelization = true)]
public sealed class FloodCollection;
