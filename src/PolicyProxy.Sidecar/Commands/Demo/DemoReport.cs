using System.Net;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>Everything the demo saw. Immutable.</summary>
/// <param name="Listen">Where the sidecar listens.</param>
/// <param name="Results">One per request, in order.</param>
/// <param name="UpstreamRequests">Requests that reached the protected server.</param>
internal sealed record DemoReport(IPEndPoint Listen, IReadOnlyList<DemoResult> Results, int UpstreamRequests)
{
    public int AllowedRequests => Results.Count(r => r.Request.IsAllowed);

    /// <summary>True if every request came out as the policy says and nothing else reached the server.</summary>
    public bool IsAsExpected => Results.All(r => r.IsAsExpected) && UpstreamRequests == AllowedRequests;
}
