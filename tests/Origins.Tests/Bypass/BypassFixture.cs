using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>A sidecar before each kind of origin, all started once for the tests of a class.</summary>
public sealed class BypassFixture : IAsyncLifetime
{
    /// <summary>One for each kind, in the order of the kinds.</summary>
    internal IReadOnlyList<BypassSidecar> Sidecars { get; private set; } = [];

    public async Task InitializeAsync() => Sidecars = await Task.WhenAll(Enum.GetValues<OriginKind>().Select(BypassSidecar.StartAsync));

    public async Task DisposeAsync()
    {
        foreach (var sidecar in Sidecars)
        {
            await sidecar.DisposeAsync();
        }
    }
}
