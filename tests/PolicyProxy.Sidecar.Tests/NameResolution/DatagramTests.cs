namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>
/// Tests that count datagrams, or send thousands: one after the other and beside nobody else, because what one floods another would lose, as
/// datagrams may be lost.
/// </summary>
[CollectionDefinition(nameof(DatagramTests), DisableParallelization = true)]
public sealed class DatagramTests;
