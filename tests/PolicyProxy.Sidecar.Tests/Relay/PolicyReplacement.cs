using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>Other policies for a sidecar that runs.</summary>
internal static class PolicyReplacement
{
    /// <summary>Puts them in force; fails if they are not.</summary>
    public static async Task ReplaceAsync(this InMemoryPolicySource policies, SidecarServer server, string policy)
    {
        var engine = server.Services.GetRequiredService<PolicyEngine>();
        var compiled = new Signal<bool>();
        void OnCompiled(object? sender, PolicyCompilation compilation) => compiled.Set(compilation.Succeeded);
        engine.Compiled += OnCompiled;
        policies.Update([("policy.yaml", policy)]);
        Assert.True(await compiled.Task);
        engine.Compiled -= OnCompiled;
    }
}
