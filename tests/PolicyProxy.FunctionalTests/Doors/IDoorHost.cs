using System.Net;
using PolicyProxy.Flows;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>A running door.</summary>
internal interface IDoorHost : IAsyncDisposable
{
    IPEndPoint Address { get; }

    IServiceProvider Services { get; }

    FlowLog Flows { get; }

    ReplaceableTexts Texts { get; }
}
