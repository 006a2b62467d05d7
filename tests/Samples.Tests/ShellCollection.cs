namespace PolicyProxy.Samples.Tests;

/// <summary>Tests that start programs run one after the other: they build into the same folders.</summary>
[CollectionDefinition(nameof(Shell), DisableParallelization = true)]
public sealed class ShellCollection;
