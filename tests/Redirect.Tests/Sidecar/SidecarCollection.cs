using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Tests that count what is in the kernel, or load the machine: alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SidecarCollection : ICollectionFixture<World>
{
    public const string Name = "sidecar";
}
